#include "controller/acme/preflight.h"

#include "controller/acme/client.h"
#include "core/base/text.h"
#include "core/net/http_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <netdb.h>
#include <netinet/in.h>

namespace deis::controller::acme {
namespace {

constexpr std::uint16_t kHttpPort = 80;  // RFC 8555 §8.3
constexpr std::chrono::seconds kAnswerLimit{10};
constexpr std::size_t kMaximumAnswer = 64 * 1024;
constexpr std::size_t kMaximumAddresses = 8;

OrderFailed not_ours(const std::string& why) {
  return OrderFailed(Failure::before_order, why);
}

std::vector<std::string> addresses_of(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int failed = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (failed == EAI_NONAME || failed == EAI_NODATA)
    throw Error(ErrorCode::not_found, host + " has no address");
  if (failed) throw Error(ErrorCode::unavailable, fmt::format("{}: {}", host, ::gai_strerror(failed)));
  std::vector<std::string> addresses;
  for (const addrinfo* entry = found; entry; entry = entry->ai_next) {
    std::array<char, NI_MAXHOST> text{};
    ::getnameinfo(entry->ai_addr, entry->ai_addrlen, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST);
    addresses.emplace_back(text.data());
  }
  ::freeaddrinfo(found);
  return addresses;
}

Task<std::vector<std::string>> look_up_on(net::WorkerPool& workers, std::string host) {
  std::vector<std::string> addresses;
  std::function<void()> work = [&addresses, host] { addresses = addresses_of(host); };
  co_await workers.run(std::move(work));
  co_return addresses;
}

Task<std::vector<net::Endpoint>> endpoints_of(const LookUp& look_up, const Probe& probe) {
  std::vector<net::Endpoint> endpoints;
  if (!probe.instead.empty()) {
    endpoints.push_back(net::Endpoint::parse("tcp://" + probe.instead));
    co_return endpoints;
  }
  std::string why;
  try {
    std::vector<std::string> addresses = co_await look_up(probe.host);
    std::ranges::sort(addresses);
    addresses.erase(std::ranges::unique(addresses).begin(), addresses.end());
    if (addresses.size() > kMaximumAddresses) addresses.resize(kMaximumAddresses);
    for (auto& address : addresses) endpoints.push_back(net::Endpoint::tcp(address, kHttpPort));
    co_return endpoints;
  } catch (const Error& error) {
    if (error.code() == ErrorCode::canceled) throw;
    why = error.what();
  }
  throw not_ours("the name does not resolve: point its DNS record at the platform (" + why + ")");
}

Task<> check_address(Executor executor, net::Endpoint endpoint, const Probe& probe) {
  net::HttpClient::Options options;
  options.max_body = kMaximumAnswer;
  net::HttpClient client(executor, endpoint, std::move(options));
  net::Request request;
  request.target = "/.well-known/acme-challenge/" + probe.token;
  request.headers.set("Host", probe.host);
  net::Response response;
  std::string why;
  try {
    response = co_await client.send(std::move(request), in(kAnswerLimit));
  } catch (const Error& error) {
    if (error.code() == ErrorCode::canceled) throw;
    why = error.what();
  }
  if (!why.empty())
    throw not_ours(fmt::format("{} cannot be asked at {}: {}", probe.host, endpoint.str(), why));
  if (response.status == 200 && trim(response.body) == probe.answer) co_return;
  const std::string location = response.headers.get("Location");
  throw not_ours(fmt::format(
      "{} at {} is not this platform: it answered {}{} where our routers answer a test text; does its DNS "
      "record, or a proxy in front, lead somewhere else?",
      probe.host,
      endpoint.str(),
      response.status,
      location.empty() ? "" : " to " + to_valid_utf8(location.substr(0, 200))));
}

}  // namespace

LookUp system_look_up(net::WorkerPool& workers) {
  return [&workers](std::string host) { return look_up_on(workers, std::move(host)); };
}

Task<> check_domain(Executor executor, LookUp look_up, Probe probe) {
  const auto endpoints = co_await endpoints_of(look_up, probe);
  for (const auto& endpoint : endpoints) co_await check_address(executor, endpoint, probe);
}

}  // namespace deis::controller::acme
