#pragma once
// Requests as lines of their apps' logs (setting appRequestLog): nginx sends each to a socket, and here it
// becomes a line of the app's log. A datagram socket: nginx never waits for us, and what does not fit into
// the socket's buffer is missing in the app's log; the access log has every line. Loop thread only.

#include "core/base/log.h"
#include "core/component/app_log.h"
#include "core/net/task.h"
#include "router/nginx_config.h"

namespace deis::router {

class RequestLines {
 public:
  RequestLines(Executor executor, Paths paths, component::AppLog out, Log log);
  Task<> run();

 private:
  void take(std::string_view datagram) const;

  Executor executor_;
  Paths paths_;
  component::AppLog out_;
  Log log_;
};

// "<190>Nov 25 19:00:00 deis: shop 10.0.0.1 - 200 ..." is the app `shop` and the text behind it; two empty
// ones when it is not of that form.
std::pair<std::string_view, std::string_view> split_request_line(std::string_view datagram);

}  // namespace deis::router
