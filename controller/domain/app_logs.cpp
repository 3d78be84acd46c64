#include "controller/domain/app_logs.h"

#include "core/base/error.h"
#include "core/net/http_client.h"

#include <fmt/format.h>

namespace deis::controller {
namespace {

constexpr std::chrono::seconds kLimit{15};

Task<net::Response> ask(
    Executor executor, std::optional<net::Endpoint> logger, std::string method, std::string target) {
  if (!logger) throw Error(ErrorCode::unavailable, "no logger is announced in etcd");
  net::HttpClient client(executor, *logger);
  net::Request request;
  request.method = std::move(method);
  request.target = std::move(target);
  co_return co_await client.send(std::move(request), in(kLimit));
}

Error unexpected(int status) {
  return Error(ErrorCode::unavailable, fmt::format("the logger answered with status {}", status));
}

}  // namespace

AppLogs::AppLogs(Executor executor, FindLogger find_logger)
    : executor_(std::move(executor)), find_logger_(std::move(find_logger)) {}

Task<std::optional<std::string>> AppLogs::tail(AppId app, std::int64_t lines) {
  const std::string target = fmt::format("/{}?log_lines={}", app.str(), lines);
  net::Response response = co_await ask(executor_, find_logger_(), "GET", target);
  if (response.status == 204 || response.status == 404) co_return std::nullopt;
  if (response.status != 200) throw unexpected(response.status);
  co_return std::move(response.body);
}

Task<> AppLogs::erase(AppId app) {
  const net::Response response = co_await ask(executor_, find_logger_(), "DELETE", "/" + app.str());
  if (response.status >= 400 && response.status != 404) throw unexpected(response.status);
}

}  // namespace deis::controller
