#include "core/base/error.h"
#include "core/net/event.h"
#include "core/net/socket_stream.h"
#include "core/net/stream.h"
#include "core/net/task_group.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <optional>
#include <sys/stat.h>
#include <unistd.h>
#include <variant>

namespace deis::net {

using asio::ip::tcp;
using Local = asio::local::stream_protocol;

struct Listener::State {
  State(Executor e) : executor(e), connections(e), slot_free(e) {}
  Executor executor;
  Endpoint endpoint;
  std::variant<std::monostate, tcp::acceptor, Local::acceptor> acceptor;
  TaskGroup connections;
  std::size_t open = 0;  // connections being served; the group's size lags behind
  Event slot_free;
};

namespace {

template <typename Protocol>
typename Protocol::acceptor bind(
    Executor executor, const typename Protocol::endpoint& address, const Endpoint& named) {
  try {
    typename Protocol::acceptor acceptor(executor);
    acceptor.open(address.protocol());
    if constexpr (std::is_same_v<Protocol, tcp>) acceptor.set_option(tcp::acceptor::reuse_address(true));
    acceptor.bind(address);
    acceptor.listen();
    return acceptor;
  } catch (const boost::system::system_error& error) {
    throw Error(
        ErrorCode::unavailable, fmt::format("cannot listen on {}: {}", named.str(), error.code().message()));
  }
}

tcp::endpoint local_address(const Endpoint& endpoint) {
  boost::system::error_code error;
  const auto address =
      asio::ip::make_address(endpoint.host == "localhost" ? "127.0.0.1" : endpoint.host, error);
  if (error)
    throw Error(ErrorCode::invalid, fmt::format("cannot listen on {}: not an IP address", endpoint.str()));
  return tcp::endpoint(address, endpoint.port);
}

Task<> serve_one(
    std::unique_ptr<Stream> stream, const Listener::Serve& serve, std::size_t& open, Event& slot_free) {
  try {
    co_await serve(std::move(stream));
  } catch (const std::exception&) {
    // A broken connection is its own business: it must not end the listener.
  }
  --open;
  slot_free.notify();
}

template <typename Acceptor>
Task<> accept_loop(
    Acceptor& acceptor,
    TaskGroup& group,
    std::size_t& open,
    Event& slot_free,
    const Listener::Serve& serve,
    std::size_t limit) {
  for (;;) {
    while (open >= limit) co_await slot_free.wait(Deadline::max());
    boost::system::error_code error;
    auto socket = co_await acceptor.async_accept(asio::redirect_error(asio::use_awaitable, error));
    if (error == asio::error::operation_aborted) throw Error(ErrorCode::canceled, "canceled");
    if (error) {
      co_await sleep_for(std::chrono::milliseconds(50));  // out of descriptors: give some time to come free
      continue;
    }
    ++open;
    group.spawn(serve_one(make_stream(std::move(socket)), serve, open, slot_free));
  }
}

}  // namespace

Listener::Listener(Executor executor, const Endpoint& endpoint, unsigned unix_mode)
    : state_(std::make_unique<State>(executor)) {
  state_->endpoint = endpoint;
  if (endpoint.is_unix) {
    ::unlink(endpoint.host.c_str());
    state_->acceptor = bind<Local>(executor, Local::endpoint(endpoint.host), endpoint);
    ::chmod(endpoint.host.c_str(), unix_mode);
  } else {
    auto acceptor = bind<tcp>(executor, local_address(endpoint), endpoint);
    state_->endpoint.port = acceptor.local_endpoint().port();
    state_->acceptor = std::move(acceptor);
  }
}

Listener::~Listener() = default;

Endpoint Listener::endpoint() const {
  return state_->endpoint;
}

Task<> Listener::run(Serve serve, std::size_t max_connections) {
  State& state = *state_;
  std::exception_ptr failure;
  try {
    if (auto* on_tcp = std::get_if<tcp::acceptor>(&state.acceptor)) {
      co_await accept_loop(*on_tcp, state.connections, state.open, state.slot_free, serve, max_connections);
    } else if (auto* on_unix = std::get_if<Local::acceptor>(&state.acceptor)) {
      co_await accept_loop(*on_unix, state.connections, state.open, state.slot_free, serve, max_connections);
    }
  } catch (...) {
    failure = std::current_exception();
  }
  state.acceptor = std::monostate();
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  state.connections.cancel();
  co_await state.connections.join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace deis::net
