#include "publisher/probe.h"

#include "core/base/error.h"
#include "core/net/message_parser.h"
#include "core/net/watchdog.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <netinet/in.h>
#include <optional>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

// A thousand containers are probed every three seconds: this file goes to the socket itself, and keeps a
// probe to few calls and few allocations (bench/publisher.py).

namespace deis::publisher {
namespace {

using asio::ip::tcp;
using Failed = boost::system::error_code;

constexpr std::size_t kMaxAnswer = 64 * 1024;  // nobody reads it

Failed last_error() {
  return Failed(errno, boost::system::system_category());
}

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

// Appends what is there; the end of the connection is an error.
Failed receive(int descriptor, std::string& into) {
  std::array<char, 4096> bytes;
  const auto count = ::recv(descriptor, bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (count < 0) return last_error();
  if (count == 0) return asio::error::eof;
  into.append(bytes.data(), static_cast<std::size_t>(count));
  return Failed();
}

// A connection that is closed at its deadline. A container of this host has usually accepted or refused when
// connect() returns: then nothing has to be waited for, and neither the loop nor a timer hears of the probe.
class Attempt {
 public:
  Attempt(Executor executor, const Target& target, const component::HealthCheck& check)
      : executor_(std::move(executor)), target_(target), check_(check), deadline_(in(check.timeout)) {}
  ~Attempt() {
    if (descriptor_ >= 0 && !socket_) ::close(descriptor_);
  }
  Attempt(const Attempt&) = delete;

  Task<ProbeResult> run() {
    Failed error = begin_to_connect();
    if (!error && !is_writable()) error = co_await wait(tcp::socket::wait_write);
    if (!error) error = outcome_of_connect();
    if (error) co_return failure("connect", error);
    if (!check_.is_http) co_return ProbeResult();
    error = send_request();
    if (error) co_return failure("write", error);
    co_return co_await read_answer();
  }

 private:
  Failed begin_to_connect() {
    sockaddr_in place{.sin_family = AF_INET, .sin_port = htons(target_.port)};
    if (::inet_pton(AF_INET, target_.address.c_str(), &place.sin_addr) != 1)
      return make_error_code(boost::system::errc::bad_address);
    descriptor_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor_ < 0) return last_error();
    const int done = ::connect(descriptor_, reinterpret_cast<const sockaddr*>(&place), sizeof(place));
    return done == 0 || errno == EINPROGRESS ? Failed() : last_error();
  }

  bool is_writable() const {
    pollfd one{.fd = descriptor_, .events = POLLOUT};
    return ::poll(&one, 1, 0) == 1;
  }

  Failed outcome_of_connect() const {
    int code = 0;
    socklen_t size = sizeof(code);
    if (::getsockopt(descriptor_, SOL_SOCKET, SO_ERROR, &code, &size) != 0) return last_error();
    return Failed(code, boost::system::system_category());
  }

  Failed send_request() const {
    const std::string request = fmt::format(
        "GET {} HTTP/1.1\r\nHost: {}:{}\r\nConnection: close\r\nUser-Agent: deis-publisher\r\n\r\n",
        check_.path,
        target_.address,
        target_.port);
    const auto count = ::send(descriptor_, request.data(), request.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count < 0) return last_error();
    // A new connection's buffer holds more than any request of ours.
    const bool whole = static_cast<std::size_t>(count) == request.size();
    return whole ? Failed() : make_error_code(boost::system::errc::message_size);
  }

  Task<Failed> wait(tcp::socket::wait_type what) {
    Failed error;
    if (!socket_) {
      socket_.emplace(executor_);
      socket_->assign(tcp::v4(), descriptor_, error);
      if (error) socket_.reset();
      if (error) co_return error;
      watchdog_.emplace(executor_, [this] { close(); });
      watchdog_->arm(deadline_);
    }
    co_await socket_->async_wait(what, asio::redirect_error(asio::use_awaitable, error));
    // The descriptor may be somebody else's by now.
    if (!error && watchdog_->fired()) error = asio::error::timed_out;
    co_return error;
  }

  // The status decides. What follows is read only so that the server is not cut off in the middle of it.
  Task<ProbeResult> read_answer() {
    std::optional<ProbeResult> verdict;
    std::string unread;
    for (std::size_t total = 0; total < kMaxAnswer;) {
      Failed error = co_await wait(tcp::socket::wait_read);
      const std::size_t before = unread.size();
      if (!error) error = receive(descriptor_, unread);
      if (error == asio::error::would_block) continue;
      if (error && verdict) co_return *std::move(verdict);
      if (error) co_return failure("read", error);
      total += unread.size() - before;
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
    if (watchdog_ && watchdog_->fired()) {
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
    socket_->close(ignored);
  }

  Executor executor_;
  const Target& target_;
  const component::HealthCheck& check_;
  Deadline deadline_;
  int descriptor_ = -1;                // ours until
  std::optional<tcp::socket> socket_;  // something has to be waited for
  std::optional<net::Watchdog> watchdog_;
  net::MessageParser parser_{net::MessageParser::Kind::response, net::MessageLimits()};
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
