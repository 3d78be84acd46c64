#include "core/net/websocket.h"

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/base/text.h"
#include "core/net/task_group.h"

#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <limits>

namespace deis::net {
namespace {

constexpr std::string_view kMagic = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";  // RFC 6455 §1.3
constexpr std::string_view kVersion = "13";
constexpr std::size_t kKeyBytes = 16;

std::string sha1(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr) != 1)
    throw Error(ErrorCode::internal, "SHA-1 is not available");
  return std::string(reinterpret_cast<const char*>(digest.data()), size);
}

std::string accept_key(const std::string& key) {
  return base64_encode(sha1(key + std::string(kMagic)));
}

// Whether a header that is a list of words holds this one.
bool has_word(const Headers& headers, std::string_view name, std::string_view word) {
  const std::string value = to_lower(headers.get(name));
  const auto words = split(value, ',');
  return std::ranges::any_of(words, [&](std::string_view one) { return trim(one) == word; });
}

Mask random_mask() {
  const std::uint32_t random = random_below(std::numeric_limits<std::uint32_t>::max());
  Mask mask;
  for (std::size_t i = 0; i < mask.size(); ++i) mask[i] = static_cast<std::uint8_t>(random >> 8 * i);
  return mask;
}

FrameParser::Peer peer_of(WebSocket::Role role) {
  return role == WebSocket::Role::server ? FrameParser::Peer::client : FrameParser::Peer::server;
}

}  // namespace

WebSocket::WebSocket(Executor executor, std::unique_ptr<Stream> stream, Role role, WebSocketOptions options)
    : stream_(std::move(stream)),
      role_(role),
      options_(options),
      parser_(peer_of(role), options.max_message),
      written_(std::move(executor)) {}

Task<std::optional<WebSocketMessage>> WebSocket::receive() {
  for (;;) {
    if (peer_close_) co_return std::nullopt;
    if (ready_.empty()) {
      co_await read_more();
      continue;
    }
    Frame frame = std::move(ready_.front());
    ready_.pop_front();
    if (frame.opcode == Opcode::ping) {
      if (!close_sent_) co_await send(Opcode::pong, std::move(frame.data));
    } else if (frame.opcode == Opcode::close) {
      peer_close_ = WebSocketClose{frame.close_code, std::move(frame.data)};
      const auto echoed = frame.close_code == CloseCode::no_code ? CloseCode::normal : frame.close_code;
      co_await close(echoed);
    } else if (frame.opcode != Opcode::pong) {
      WebSocketMessage message{.is_text = frame.opcode == Opcode::text, .data = std::move(frame.data)};
      co_return message;
    }
  }
}

Task<> WebSocket::read_more() {
  std::array<char, 16 * 1024> bytes;
  const std::size_t count =
      co_await stream_->read_some(bytes.data(), bytes.size(), in(options_.idle_timeout));
  if (count == 0) throw Error(ErrorCode::unavailable, stream_->peer() + " closed the connection");
  std::optional<FrameError> broken;
  try {
    for (Frame& frame : parser_.feed(std::string_view(bytes.data(), count)))
      ready_.push_back(std::move(frame));
  } catch (const FrameError& error) {
    broken = error;
  }
  if (!broken) co_return;
  co_await close(broken->close_code(), broken->what());
  throw *broken;
}

Task<> WebSocket::send_text(std::string text) {
  return send(Opcode::text, std::move(text));
}

Task<> WebSocket::send_binary(std::string bytes) {
  return send(Opcode::binary, std::move(bytes));
}

Task<> WebSocket::send(Opcode opcode, std::string payload) {
  const Deadline deadline = in(options_.write_timeout);
  while (writing_) {
    const bool free = co_await written_.wait(deadline);
    if (!free)
      throw Error(ErrorCode::timeout, "cannot write to " + stream_->peer() + ": no progress in time");
  }
  if (close_sent_) throw Error(ErrorCode::unavailable, "the WebSocket of " + stream_->peer() + " is closed");
  close_sent_ = opcode == Opcode::close;
  std::optional<Mask> mask;
  if (role_ == Role::client) mask = random_mask();
  const std::string frame = encode_frame(opcode, payload, mask);
  writing_ = true;
  std::exception_ptr failure;
  try {
    co_await stream_->write_all(frame, deadline);
  } catch (...) {
    failure = std::current_exception();
    close_sent_ = true;  // part of a frame may have gone out: nothing may follow it
  }
  writing_ = false;
  written_.notify();
  if (failure) std::rethrow_exception(failure);
}

Task<> WebSocket::keep_alive() {
  for (;;) {
    co_await sleep_for(options_.ping_every);
    if (close_sent_) co_return;
    co_await send(Opcode::ping, std::string());
  }
}

Task<> WebSocket::close(std::uint16_t code, std::string reason) {
  if (close_sent_) co_return;
  co_await send(Opcode::close, encode_close(code, reason));
}

Task<> WebSocket::finish(std::uint16_t code, std::string reason) {
  const Deadline deadline = in(options_.close_timeout);
  try {
    co_await close(code, std::move(reason));
    options_.idle_timeout = options_.close_timeout;
    while (!peer_close_ && std::chrono::steady_clock::now() < deadline) co_await receive();
  } catch (const Error& error) {
    if (error.code() == ErrorCode::canceled) throw;
    // It is gone, which is what we wanted.
  }
  stream_->close();
}

bool wants_websocket(const Request& request) {
  return request.method == "GET" && has_word(request.headers, "Connection", "upgrade") &&
         has_word(request.headers, "Upgrade", "websocket");
}

namespace {

// Runs both until the first has ended.
Task<> serve_beside_pings(WebSocket& socket, const ServeWebSocket& serve, Executor executor) {
  TaskGroup group(executor);
  const auto then_stop = [](TaskGroup& all, Task<> work) -> Task<> {
    std::exception_ptr failure;
    try {
      co_await std::move(work);
    } catch (...) {
      failure = std::current_exception();
    }
    all.cancel();
    if (failure) std::rethrow_exception(failure);
  };
  group.spawn(then_stop(group, serve(socket)));
  group.spawn(socket.keep_alive());
  co_await group.join();
}

Task<> serve_websocket(std::unique_ptr<Stream> stream, ServeWebSocket serve, WebSocketOptions options) {
  const Executor executor = co_await asio::this_coro::executor;
  WebSocket socket(executor, std::move(stream), WebSocket::Role::server, options);
  std::string trouble;
  try {
    co_await serve_beside_pings(socket, serve, executor);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::canceled) throw;
    trouble = error.code() == ErrorCode::internal ? "internal error" : error.what();
  }
  const std::uint16_t code = trouble.empty() ? CloseCode::normal : CloseCode::failed;
  co_await socket.finish(code, std::move(trouble));
}

}  // namespace

Reply accept_websocket(const Request& request, ServeWebSocket serve, WebSocketOptions options) {
  if (!wants_websocket(request)) throw Error(ErrorCode::invalid, "this is no request for a WebSocket");
  if (request.headers.get("Sec-WebSocket-Version") != kVersion)
    throw Error(ErrorCode::invalid, "Sec-WebSocket-Version", "only version 13 of WebSockets is spoken here");
  const std::string key = request.headers.get("Sec-WebSocket-Key");
  const auto decoded = base64_decode(key);
  if (!decoded || decoded->size() != kKeyBytes)
    throw Error(ErrorCode::invalid, "Sec-WebSocket-Key", "the key of a WebSocket is 16 bytes in base64");
  Reply reply;
  reply.status = 101;
  reply.headers.set("Upgrade", "websocket");
  reply.headers.set("Connection", "Upgrade");
  reply.headers.set("Sec-WebSocket-Accept", accept_key(key));
  reply.upgraded = [serve = std::move(serve), options](std::unique_ptr<Stream> stream) {
    return serve_websocket(std::move(stream), serve, options);
  };
  return reply;
}

Task<std::unique_ptr<WebSocket>> connect_websocket(
    HttpClient& client, Request request, Deadline deadline, WebSocketOptions options) {
  const Executor executor = co_await asio::this_coro::executor;
  const std::string key = random_base64(kKeyBytes);
  request.method = "GET";
  request.headers.set("Upgrade", "websocket");
  request.headers.set("Sec-WebSocket-Version", kVersion);
  request.headers.set("Sec-WebSocket-Key", key);
  Upgraded upgraded = co_await client.upgrade(std::move(request), deadline);
  const bool good = upgraded.head.status == 101 &&
                    to_lower(upgraded.head.headers.get("Upgrade")) == "websocket" &&
                    upgraded.head.headers.get("Sec-WebSocket-Accept") == accept_key(key);
  if (!good) {
    throw Error(
        ErrorCode::unavailable,
        fmt::format(
            "{} does not speak WebSocket: it answered {}", client.endpoint().str(), upgraded.head.status));
  }
  co_return std::make_unique<WebSocket>(
      executor, std::move(upgraded.stream), WebSocket::Role::client, options);
}

}  // namespace deis::net
