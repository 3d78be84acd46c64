#pragma once
// WebSockets (RFC 6455) over our streams, both sides. A WebSocket has one reader (receive) and any number of
// writers; pings are answered within receive(). No extensions, no subprotocols; messages go out as one frame.
// Loop thread only.
//
// Server, in a handler:
//   if (!wants_websocket(request)) return upgrade_required();
//   return accept_websocket(request, [](WebSocket& socket) { return echo(socket); });
// Client:
//   std::unique_ptr<WebSocket> socket = co_await connect_websocket(client, std::move(request), in(10s));
//   while (auto message = co_await socket->receive()) ...
//   co_await socket->finish();

#include "core/net/event.h"
#include "core/net/http_client.h"
#include "core/net/http_server.h"
#include "core/net/websocket_frame.h"

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace deis::net {

struct WebSocketMessage {
  bool is_text = false;  // then it is valid UTF-8
  std::string data;
};

struct WebSocketClose {
  std::uint16_t code = CloseCode::no_code;  // no_code: the peer gave none
  std::string reason;
};

struct WebSocketOptions {
  std::size_t max_message = 1024 * 1024;  // bytes received; over it the connection is closed with 1009
  std::chrono::seconds ping_every{25};    // keep_alive()
  std::chrono::seconds idle_timeout{80};  // nothing at all from the peer: it is gone
  std::chrono::seconds write_timeout{30};
  std::chrono::seconds close_timeout{3};  // finish(): for the peer's close frame
};

class WebSocket {
 public:
  enum class Role { server, client };
  WebSocket(Executor executor, std::unique_ptr<Stream> stream, Role role, WebSocketOptions options);

  // The next message; nullopt when the peer has closed (see peer_close()). Error{unavailable} when the
  // connection is lost, Error{timeout} when the peer is silent, FrameError when it breaks the protocol (it is
  // told so).
  Task<std::optional<WebSocketMessage>> receive();
  // Error{unavailable} behind close(), by us or by the peer, and when the connection is lost.
  Task<> send_text(std::string text);
  Task<> send_binary(std::string bytes);
  // Pings the peer until cancelled, so that one that is gone is noticed and nothing between us gives up.
  Task<> keep_alive();

  // Sends the close frame unless one was sent. The peer's answer is what receive() ends with.
  Task<> close(std::uint16_t code = CloseCode::normal, std::string reason = "");
  // close(), and waits for the peer to close too, bounded. No receive() may be under way. Does not throw but
  // for cancellation.
  Task<> finish(std::uint16_t code = CloseCode::normal, std::string reason = "");

  const std::optional<WebSocketClose>& peer_close() const { return peer_close_; }
  std::string peer() const { return stream_->peer(); }

 private:
  Task<> send(Opcode opcode, std::string payload);
  Task<> read_more();

  std::unique_ptr<Stream> stream_;
  Role role_;
  WebSocketOptions options_;
  FrameParser parser_;
  std::deque<Frame> ready_;
  std::optional<WebSocketClose> peer_close_;
  bool close_sent_ = false, writing_ = false;
  Event written_;
};

// GET with "Connection: Upgrade" and "Upgrade: websocket".
bool wants_websocket(const Request& request);

// The answer 101; `serve` runs with the connection, with keep_alive() beside it, and the connection is closed
// when it ends: normally, or with 1011 when it throws. Throws Error{invalid} when the handshake is wrong.
using ServeWebSocket = std::function<Task<>(WebSocket&)>;
Reply accept_websocket(const Request& request, ServeWebSocket serve, WebSocketOptions options = {});

// GET request.target with request.headers (Authorization ...). UpgradeRefused with the server's answer when
// it is not 101.
Task<std::unique_ptr<WebSocket>> connect_websocket(
    HttpClient& client, Request request, Deadline deadline, WebSocketOptions options = {});

}  // namespace deis::net
