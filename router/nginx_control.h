#pragma once
// What the agent asks of nginx itself. Routes are no part of it: they are in shared memory.

#include "core/net/http_client.h"
#include "router/nginx_config.h"

#include <string>

namespace deis::router {

// Sends `signal` to nginx's master process. False when it does not run.
bool signal_nginx(const Paths& paths, int signal);

class NginxControl {
 public:
  NginxControl(Executor executor, const std::string& socket_path);

  // The fingerprint of the configuration that its workers use. Throws Error{unavailable} while nginx is away.
  Task<std::string> running_configuration(Deadline deadline);

 private:
  net::HttpClient http_;
};

}  // namespace deis::router
