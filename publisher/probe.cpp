#include "publisher/probe.h"

#include "core/base/error.h"
#include "core/net/http_client.h"

#include <fmt/format.h>

namespace deis::publisher {
namespace {

constexpr std::size_t kMaxAnswer = 1 << 20;  // nobody reads it

Task<ProbeResult> ask(Executor executor, net::Endpoint endpoint, component::HealthCheck check) {
  net::HttpClient::Options options;
  options.max_body = kMaxAnswer;
  net::HttpClient client(executor, std::move(endpoint), options);
  net::Request request;
  request.target = check.path;
  request.headers.set("Connection", "close");
  request.headers.set("User-Agent", "deis-publisher");
  const net::Response response = co_await client.send(std::move(request), in(check.timeout));
  ProbeResult result;
  if (response.status == 200) co_return result;
  result.failure = fmt::format("got '{}', expected: '200'", response.status);
  result.answered_wrong = true;
  co_return result;
}

}  // namespace

ProbeState::Timing timing_of(const component::HealthCheck& check) {
  ProbeState::Timing timing;
  timing.startup = check.startup_timeout;
  timing.interval = check.interval;
  timing.retry = check.retry;
  timing.misses = check.failures;
  return timing;
}

Task<ProbeResult> probe(Executor executor, Target target, component::HealthCheck check) {
  const net::Endpoint endpoint = net::Endpoint::tcp(target.address, target.port);
  ProbeResult result;
  try {
    if (check.is_http) {
      if (!component::is_health_check_path(check.path))
        throw Error(ErrorCode::invalid, "HEALTHCHECK_URL is no path of printable ASCII characters");
      co_return co_await ask(executor, endpoint, check);
    }
    co_await net::connect(endpoint, in(check.timeout));
  } catch (const Error& error) {
    if (error.code() == ErrorCode::canceled) throw;
    result.failure = fmt::format("port {}: {}", target.port, error.what());
    result.answered_wrong = check.is_http && error.code() == ErrorCode::timeout;
  }
  co_return result;
}

}  // namespace deis::publisher
