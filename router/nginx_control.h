#pragma once
// nginx's side door (lua/control.lua) over its unix socket.

#include "core/net/http_client.h"
#include "router/nginx_config.h"
#include "router/routing_table.h"

#include <string>
#include <vector>

namespace deis::router {

struct NginxStatus {
  std::string epoch;          // changes when nginx was started anew and has lost its table
  std::string configuration;  // fingerprint of the configuration that runs
  bool ready = false;
  std::int64_t revision = 0;
};

// Sends `signal` to nginx's master process. False when it does not run.
bool signal_nginx(const Paths& paths, int signal);

class NginxControl {
 public:
  NginxControl(Executor executor, const std::string& socket_path);

  // All throw Error{unavailable} while nginx is away.
  Task<NginxStatus> status(Deadline deadline);
  Task<NginxStatus> send(Difference difference, etcd::Revision revision, Deadline deadline);
  Task<NginxStatus> send_all(Table table, etcd::Revision revision, Deadline deadline);
  Task<std::string> in_flight(std::string query, Deadline deadline);  // JSON as it is; `query` without '?'

 private:
  Task<NginxStatus> post(std::string body, Deadline deadline);
  net::HttpClient http_;
};

}  // namespace deis::router
