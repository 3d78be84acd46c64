#pragma once
// The daemon's unix socket, where the roles that sshd and git start (role.h) come to ask: whose key is this,
// may he, take this push, it is over.

#include "builder/housekeeper.h"
#include "builder/pipeline.h"
#include "core/net/http_server.h"

namespace deis::builder {

class Gate {
 public:
  Gate(
      ControllerClient& controller,
      Repositories& repositories,
      Pipeline& pipeline,
      Housekeeper& housekeeper,
      Log log);
  Task<net::Reply> handle(net::Request request);

 private:
  Task<net::Reply> authorized_key(net::Request request);
  Task<net::Reply> session(net::Request request);
  Task<net::Reply> push(net::Request request);
  net::Reply pushed(const net::Request& request);
  Task<> take_push(Push push, net::BodyWriter& out);

  ControllerClient& controller_;
  Repositories& repositories_;
  Pipeline& pipeline_;
  Housekeeper& housekeeper_;
  Log log_;
};

}  // namespace deis::builder
