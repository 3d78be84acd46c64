#include "router/nginx_control.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <signal.h>

namespace deis::router {

bool signal_nginx(const Paths& paths, int signal) {
  std::ifstream file(paths.pid_file());
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const auto pid = parse_int(trim(text));
  return pid && *pid > 1 && ::kill(static_cast<pid_t>(*pid), signal) == 0;
}

NginxControl::NginxControl(Executor executor, const std::string& socket_path)
    : http_(std::move(executor), net::Endpoint::unix_socket(socket_path)) {}

Task<std::string> NginxControl::running_configuration(Deadline deadline) {
  net::Request request;
  request.target = "/configuration";
  net::Response response = co_await http_.send(std::move(request), deadline);
  if (response.status != 200)
    throw Error(ErrorCode::unavailable, fmt::format("nginx answers {} to the router agent", response.status));
  co_return std::move(response.body);
}

}  // namespace deis::router
