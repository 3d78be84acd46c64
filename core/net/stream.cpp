#include "core/net/stream.h"

#include "core/base/error.h"
#include "core/net/socket_stream.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>

namespace deis::net {
namespace {

using asio::ip::tcp;
using Local = asio::local::stream_protocol;

bool is_loopback_name(std::string_view host) {
  constexpr std::string_view kSuffix = ".localhost";
  return host == "localhost" || (host.size() > kSuffix.size() && host.ends_with(kSuffix));
}

Error connect_error(const Endpoint& endpoint, const boost::system::error_code& error, bool timed_out) {
  if (timed_out)
    return Error(ErrorCode::timeout, fmt::format("cannot connect to {} in time", endpoint.str()));
  if (error == asio::error::operation_aborted) return Error(ErrorCode::canceled, "canceled while connecting");
  return Error(
      ErrorCode::unavailable, fmt::format("cannot connect to {}: {}", endpoint.str(), error.message()));
}

Task<std::vector<tcp::endpoint>> resolve(const Endpoint& endpoint, Executor executor, Deadline deadline) {
  std::vector<tcp::endpoint> addresses;
  boost::system::error_code error;
  const std::string host = is_loopback_name(endpoint.host) ? "127.0.0.1" : endpoint.host;
  const auto address = asio::ip::make_address(host, error);
  if (!error) {
    addresses.emplace_back(address, endpoint.port);
    co_return addresses;
  }
  error.clear();
  tcp::resolver resolver(executor);
  Watchdog watchdog(executor, [&resolver] { resolver.cancel(); });
  watchdog.arm(deadline);
  const auto found = co_await resolver.async_resolve(
      endpoint.host, std::to_string(endpoint.port), asio::redirect_error(asio::use_awaitable, error));
  if (error) throw connect_error(endpoint, error, watchdog.fired());
  for (const auto& entry : found) addresses.push_back(entry.endpoint());
  co_return addresses;
}

template <typename Protocol>
Task<std::unique_ptr<Stream>> connect_to(
    const Endpoint& endpoint,
    std::vector<typename Protocol::endpoint> addresses,
    Executor executor,
    Deadline deadline) {
  boost::system::error_code error = asio::error::host_not_found;
  for (const auto& address : addresses) {
    typename Protocol::socket socket(executor);
    Watchdog watchdog(executor, [&socket] { socket.close(); });
    watchdog.arm(deadline);
    error.clear();
    co_await socket.async_connect(address, asio::redirect_error(asio::use_awaitable, error));
    if (!error) co_return make_stream(std::move(socket));
    if (watchdog.fired() || error == asio::error::operation_aborted)
      throw connect_error(endpoint, error, watchdog.fired());
  }
  throw connect_error(endpoint, error, false);
}

}  // namespace

Task<std::optional<std::size_t>> Stream::read_before(char* data, std::size_t size, Deadline deadline) {
  co_return co_await read_some(data, size, deadline);
}

Task<std::unique_ptr<Stream>> connect(Endpoint endpoint, Deadline deadline) {
  const Executor executor = co_await asio::this_coro::executor;
  if (endpoint.is_unix) {
    std::vector<Local::endpoint> addresses(1, Local::endpoint(endpoint.host));
    co_return co_await connect_to<Local>(endpoint, std::move(addresses), executor, deadline);
  }
  std::vector<tcp::endpoint> addresses = co_await resolve(endpoint, executor, deadline);
  co_return co_await connect_to<tcp>(endpoint, std::move(addresses), executor, deadline);
}

}  // namespace deis::net
