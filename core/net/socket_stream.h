#pragma once
// Stream over any Asio stream object (TCP socket, unix socket, pipe). Included only by .cpp files.

#include "core/base/error.h"
#include "core/net/stream.h"
#include "core/net/watchdog.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>

#include <cerrno>
#include <memory>
#include <string>
#include <sys/socket.h>
#include <utility>

namespace deis::net {

template <typename Socket>
class SocketStream : public Stream {
 public:
  explicit SocketStream(Socket socket, std::string peer)
      : socket_(std::move(socket)),
        peer_(std::move(peer)),
        read_watchdog_(socket_.get_executor(), [this] { end_read(); }),
        write_watchdog_(socket_.get_executor(), [this] { close(); }) {}

  Task<std::size_t> read_some(char* data, std::size_t size, Deadline deadline) override {
    closes_late_ = true;
    const auto count = co_await read(data, size, deadline);
    co_return count.value_or(0);
  }

  Task<std::optional<std::size_t>> read_before(char* data, std::size_t size, Deadline deadline) override {
    closes_late_ = false;
    return read(data, size, deadline);
  }

  Task<> write_all(std::string_view data, Deadline deadline) override {
    boost::system::error_code error;
    write_watchdog_.arm(deadline);
    co_await asio::async_write(
        socket_, asio::buffer(data.data(), data.size()), asio::redirect_error(asio::use_awaitable, error));
    write_watchdog_.disarm();
    if (error) throw failure("write to", error, write_watchdog_.fired());
  }

  void shutdown_write() override {
    boost::system::error_code ignored;
    if constexpr (requires { socket_.shutdown(Socket::shutdown_send, ignored); }) {
      socket_.shutdown(Socket::shutdown_send, ignored);
    } else {
      socket_.close(ignored);
    }
  }

  void close() override {
    boost::system::error_code ignored;
    socket_.close(ignored);
  }

  bool is_idle() override {
    char byte;
    if (!socket_.is_open()) return false;
    const auto count = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
  }

  std::string peer() const override { return peer_; }

 private:
  Task<std::optional<std::size_t>> read(char* data, std::size_t size, Deadline deadline) {
    boost::system::error_code error;
    read_watchdog_.arm(deadline);
    const std::size_t count = co_await socket_.async_read_some(
        asio::buffer(data, size), asio::redirect_error(asio::use_awaitable, error));
    read_watchdog_.disarm();
    const bool late = std::exchange(was_late_, false);
    if (error == asio::error::eof) co_return 0;
    if (error == asio::error::operation_aborted && late) co_return std::nullopt;
    if (error) throw failure("read from", error, closed_late_);
    co_return count;
  }

  // The read's deadline has passed.
  void end_read() {
    if (closes_late_) {
      closed_late_ = true;
      return close();
    }
    boost::system::error_code ignored;
    was_late_ = true;
    socket_.cancel(ignored);
  }

  Error failure(std::string_view what, const boost::system::error_code& error, bool timed_out) const {
    if (timed_out)
      return Error(ErrorCode::timeout, fmt::format("cannot {} {}: no progress in time", what, peer_));
    if (error == asio::error::operation_aborted)
      return Error(ErrorCode::canceled, fmt::format("canceled: {} {}", what, peer_));
    return Error(ErrorCode::unavailable, fmt::format("cannot {} {}: {}", what, peer_, error.message()));
  }

  Socket socket_;
  std::string peer_;
  bool closes_late_ = true, was_late_ = false, closed_late_ = false;
  Watchdog read_watchdog_, write_watchdog_;
};

inline std::unique_ptr<Stream> make_stream(asio::ip::tcp::socket socket) {
  boost::system::error_code ignored;
  socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  const auto remote = socket.remote_endpoint(ignored);
  std::string peer = fmt::format("{}:{}", remote.address().to_string(), remote.port());
  return std::make_unique<SocketStream<asio::ip::tcp::socket>>(std::move(socket), std::move(peer));
}

inline std::unique_ptr<Stream> make_stream(asio::local::stream_protocol::socket socket) {
  return std::make_unique<SocketStream<asio::local::stream_protocol::socket>>(std::move(socket), "unix");
}

}  // namespace deis::net
