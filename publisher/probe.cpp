#include "publisher/probe.h"

#include "core/base/error.h"
#include "core/net/message_parser.h"
#include "core/net/watchdog.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>

#include <array>
#include <optional>

// A thousand containers are probed every three seconds: this file goes to the socket itself, and keeps a
// probe to few calls and few allocations (bench/publisher.py).

namespace deis::publisher {
namespace {

using asio::ip::tcp;
using Failed = boost::system::error_code;

constexpr std::size_t kMaxAnswer = 64 * 1024;  // nobody reads it

// What went wrong on our side of the connection says nothing about the container.
bool is_our_own(const Failed& error) {
  namespace errc = boost::system::errc;
  for (const auto own :
       {errc::too_many_files_open,
        errc::too_many_files_open_in_system,
        errc::no_buffer_space,
        errc::not_enough_memory,
        errc::address_not_available,
        errc::resource_unavailable_try_again}) {
    if (error == own) return true;
  }
  return false;
}

// A connection that is closed at its deadline.
class Attempt {
 public:
  Attempt(const Executor& executor, const Target& target, const component::HealthCheck& check)
      : target_(target),
        check_(check),
        socket_(executor),
        watchdog_(executor, [this] { close(); }),
        parser_(net::MessageParser::Kind::response, net::MessageLimits()) {
    watchdog_.arm(in(check.timeout));
  }

  Task<ProbeResult> run() {
    Failed error;
    const tcp::endpoint place(asio::ip::make_address(target_.address, error), target_.port);
    if (!error) co_await socket_.async_connect(place, asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return failure("connect", error);
    if (!check_.is_http) co_return ProbeResult();
    const std::string request = fmt::format(
        "GET {} HTTP/1.1\r\nHost: {}:{}\r\nConnection: close\r\nUser-Agent: deis-publisher\r\n\r\n",
        check_.path,
        target_.address,
        target_.port);
    co_await asio::async_write(
        socket_, asio::buffer(request), asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return failure("write", error);
    co_return co_await read_answer();
  }

 private:
  // The status decides. What follows is read only so that the server is not cut off in the middle of it.
  Task<ProbeResult> read_answer() {
    std::optional<ProbeResult> verdict;
    std::string unread;
    std::array<char, 4096> bytes;
    for (std::size_t total = 0; total < kMaxAnswer;) {
      Failed error;
      const std::size_t count = co_await socket_.async_read_some(
          asio::buffer(bytes), asio::redirect_error(asio::use_awaitable, error));
      if (error && verdict) co_return *std::move(verdict);
      if (error) co_return failure("read", error);
      total += count;
      unread.append(bytes.data(), count);
      if (!verdict) verdict = take(unread);
      if (verdict && (parser_.is_done() || !parse(unread))) co_return *std::move(verdict);
    }
    if (!verdict) verdict = ProbeResult{.failure = text("its answer has no head"), .answered_wrong = true};
    co_return *std::move(verdict);
  }

  // nullopt: not known yet.
  std::optional<ProbeResult> take(std::string& unread) {
    if (!parse(unread)) return ProbeResult{.failure = text("its answer is no HTTP"), .answered_wrong = true};
    while (parser_.has_head() && parser_.head.status < 200) {  // an interim answer
      parser_ = net::MessageParser(net::MessageParser::Kind::response, net::MessageLimits());
      if (!parse(unread))
        return ProbeResult{.failure = text("its answer is no HTTP"), .answered_wrong = true};
    }
    if (!parser_.has_head()) return std::nullopt;
    ProbeResult result;
    if (parser_.head.status == 200) return result;
    result.failure = fmt::format("got '{}', expected: '200'", parser_.head.status);
    result.answered_wrong = true;
    return result;
  }

  bool parse(std::string& unread) {
    try {
      unread.erase(0, parser_.feed(unread));
      parser_.body.clear();
      return true;
    } catch (const Error&) {
      return false;
    }
  }

  ProbeResult failure(std::string_view doing, const Failed& error) const {
    ProbeResult result;
    if (watchdog_.fired()) {
      result.answered_wrong = check_.is_http;
      result.failure = text(doing == "connect" ? "no connection in time" : "no answer in time");
    } else if (error == asio::error::operation_aborted) {
      throw Error(ErrorCode::canceled, "canceled while probing");
    } else {
      result.is_our_own = is_our_own(error);
      result.failure = text(
          error == asio::error::eof ? "it closed the connection without an answer"
                                    : fmt::format("cannot {}: {}", doing, error.message()));
    }
    return result;
  }

  std::string text(std::string_view what) const { return fmt::format("port {}: {}", target_.port, what); }

  void close() {
    Failed ignored;
    socket_.close(ignored);
  }

  const Target& target_;
  const component::HealthCheck& check_;
  tcp::socket socket_;
  net::Watchdog watchdog_;
  net::MessageParser parser_;
};

}  // namespace

ProbeState::Timing timing_of(const component::HealthCheck& check) {
  ProbeState::Timing timing;
  timing.startup = check.startup_timeout;
  timing.interval = check.interval;
  timing.retry = check.retry;
  timing.misses = check.failures;
  timing.successes = check.successes;
  if (!check.is_http) timing.settle = check.settle;
  return timing;
}

Task<ProbeResult> Prober::probe(const Target& target, component::HealthCheck check) {
  if (check.is_http && !component::is_health_check_path(check.path)) {
    ProbeResult result;
    result.failure =
        fmt::format("port {}: HEALTHCHECK_URL is no path of printable ASCII characters", target.port);
    co_return result;
  }
  const ProbeSlots::Slot slot = co_await slots_.take(target.job.app.str());
  Attempt attempt(executor_, target, check);
  co_return co_await attempt.run();
}

}  // namespace deis::publisher
