#include "router/nginx_control.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/json/json.h"

#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <signal.h>

namespace deis::router {
namespace {

struct WireStatus {
  std::string epoch, configuration;
  bool ready = false;
  std::int64_t revision = 0;
};
BOOST_DESCRIBE_STRUCT(WireStatus, (), (epoch, configuration, ready, revision))

NginxStatus parse_status(const net::Response& response) {
  if (response.status != 200) {
    const auto code = response.status == 409 ? ErrorCode::conflict : ErrorCode::internal;
    throw Error(
        code, fmt::format("nginx answered {} to the router agent: {}", response.status, response.body));
  }
  const auto wire = json::from<WireStatus>(json::parse(response.body));
  return NginxStatus{wire.epoch, wire.configuration, wire.ready, wire.revision};
}

}  // namespace

bool signal_nginx(const Paths& paths, int signal) {
  std::ifstream file(paths.pid_file());
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const auto pid = parse_int(trim(text));
  return pid && *pid > 1 && ::kill(static_cast<pid_t>(*pid), signal) == 0;
}

NginxControl::NginxControl(Executor executor, const std::string& socket_path)
    : http_(std::move(executor), net::Endpoint::unix_socket(socket_path)) {}

Task<NginxStatus> NginxControl::status(Deadline deadline) {
  net::Request request;
  request.target = "/status";
  const net::Response response = co_await http_.send(std::move(request), deadline);
  co_return parse_status(response);
}

Task<NginxStatus> NginxControl::send(Difference difference, etcd::Revision revision, Deadline deadline) {
  json::object body{
      {"revision", revision},
      {"set", json::to_value(difference.set)},
      {"delete", json::to_value(difference.erase)}};
  co_return co_await post(json::to_text(body), deadline);
}

Task<NginxStatus> NginxControl::send_all(Table table, etcd::Revision revision, Deadline deadline) {
  json::object body{{"revision", revision}, {"reset", true}, {"set", json::to_value(table)}};
  co_return co_await post(json::to_text(body), deadline);
}

Task<NginxStatus> NginxControl::post(std::string body, Deadline deadline) {
  net::Request request;
  request.method = "POST";
  request.target = "/table";
  request.body = std::move(body);
  const net::Response response = co_await http_.send(std::move(request), deadline);
  co_return parse_status(response);
}

Task<std::string> NginxControl::in_flight(std::string query, Deadline deadline) {
  net::Request request;
  request.target = "/inflight?" + query;
  net::Response response = co_await http_.send(std::move(request), deadline);
  if (response.status != 200) throw Error(ErrorCode::unavailable, "nginx does not count requests in flight");
  co_return std::move(response.body);
}

}  // namespace deis::router
