#pragma once
// The agent keeps nginx's table equal to etcd and tells the controller, through its announcement, up to which
// revision it is. It announces a revision only after nginx has confirmed that all its workers use it. Loop
// thread only.

#include "core/base/log.h"
#include "core/component/metrics.h"
#include "core/etcd/mirror.h"
#include "core/etcd/session.h"
#include "router/nginx_control.h"
#include "router/routing_table.h"

namespace deis::router {

class Agent {
 public:
  struct Identity {
    std::string announce_key;   // /deis/router/hosts/<id>
    std::string admin_address;  // http://127.0.0.1:8008
  };
  Agent(
      Executor executor,
      etcd::Client& etcd,
      etcd::Session& session,
      NginxControl& nginx,
      Identity identity,
      component::Metrics& metrics,
      Log log);

  Task<> follow_etcd();           // two parts of the daemon: one takes changes in,
  Task<> follow_nginx();          // the other sends them on, and everything again when nginx was restarted
  std::string not_ready() const;  // "" when nginx has a table that was equal to etcd once
  const RoutingTable& table() const { return table_; }
  net::Event& builder_changed() { return builder_changed_; }

 private:
  Task<> take(const etcd::MirrorUpdate& update);
  Task<> bring_up_to_date(bool look);
  void announce();

  etcd::Session& session_;
  NginxControl& nginx_;
  Identity identity_;
  component::Metrics& metrics_;
  Log log_;
  etcd::Mirror mirror_;
  net::Event work_, builder_changed_;
  RoutingTable table_;
  etcd::Revision relevant_ = 0;  // revision of the newest change that matters
  etcd::Revision applied_ = 0;   // what nginx has confirmed
  std::string epoch_;            // of the nginx that has our table; "" when we do not know
  std::string trouble_;          // why nginx has not got the table; "" when it has
};

}  // namespace deis::router
