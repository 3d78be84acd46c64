// Client and server against each other over a real socket, and the server against raw bytes.
#include "core/net/websocket.h"

#include "core/base/error.h"
#include "core/net/co_test.h"
#include "core/net/task_group.h"

#include <boost/asio/this_coro.hpp>

namespace deis::net {
namespace {

using namespace std::chrono_literals;

constexpr auto kHandshake =
    "GET /echo HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

Task<> echo_messages(WebSocket& socket) {
  for (;;) {
    auto message = co_await socket.receive();
    if (!message) co_return;
    if (message->data == "fail") throw Error(ErrorCode::unavailable, "as you wish");
    if (message->data == "end") co_return;
    if (message->is_text) {
      co_await socket.send_text(std::move(message->data));
    } else {
      co_await socket.send_binary(std::move(message->data));
    }
  }
}

WebSocketOptions quick() {
  WebSocketOptions options;
  options.max_message = 100'000;
  options.ping_every = 1s;
  options.close_timeout = 1s;
  return options;
}

Task<Reply> handle(Request request) {
  if (!wants_websocket(request)) co_return Reply::text(426, "Upgrade, please");
  std::string refusal;
  try {
    co_return accept_websocket(request, echo_messages, quick());
  } catch (const Error& error) {
    refusal = error.what();
  }
  co_return Reply::text(400, refusal);
}

struct Fixture {
  explicit Fixture(Executor executor)
      : server(executor, Endpoint::tcp("127.0.0.1", 0), handle, Log::silent()),
        client(executor, server.endpoint()),
        group(executor) {
    group.spawn(server.run());
  }
  Task<std::unique_ptr<WebSocket>> open() {
    Request request;
    request.target = "/echo";
    co_return co_await connect_websocket(client, std::move(request), in(5s), quick());
  }
  Task<> stop() {
    group.cancel();
    co_await group.join();
  }
  HttpServer server;
  HttpClient client;
  TaskGroup group;
};

Task<Frame> next_frame(Stream& stream, FrameParser& parser) {
  for (;;) {
    char byte;
    const std::size_t count = co_await stream.read_some(&byte, 1, in(5s));
    if (count == 0) throw Error(ErrorCode::unavailable, "closed without a frame");
    auto frames = parser.feed(std::string_view(&byte, 1));
    if (!frames.empty()) co_return std::move(frames.front());
  }
}

// A connection past its handshake.
Task<std::unique_ptr<Stream>> raw(Endpoint endpoint, std::string handshake, std::string* head = nullptr) {
  auto stream = co_await connect(endpoint, in(5s));
  co_await stream->write_all(handshake, in(5s));
  std::string seen;
  while (seen.find("\r\n\r\n") == std::string::npos) {
    char byte;
    const std::size_t count = co_await stream->read_some(&byte, 1, in(5s));
    if (count == 0) throw Error(ErrorCode::unavailable, "closed: " + seen);
    seen += byte;
  }
  if (head) *head = seen;
  co_return stream;
}

CO_TEST(WebSocket, CarriesTextAndBinaryMessagesBothWays) {
  Fixture fixture(co_await asio::this_coro::executor);
  const auto socket = co_await fixture.open();
  for (const std::size_t size : {0UL, 1UL, 125UL, 126UL, 65'535UL, 65'536UL, 100'000UL}) {
    co_await socket->send_binary(std::string(size, '\xff'));
    const auto answer = co_await socket->receive();
    CO_ASSERT_TRUE(answer);
    EXPECT_FALSE(answer->is_text);
    EXPECT_EQ(answer->data, std::string(size, '\xff'));
  }
  co_await socket->send_text("Grüße");
  const auto answer = co_await socket->receive();
  CO_ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->is_text);
  EXPECT_EQ(answer->data, "Grüße");
  co_await socket->finish(CloseCode::normal, "enough");
  CO_ASSERT_TRUE(socket->peer_close());
  EXPECT_EQ(socket->peer_close()->code, 1000);
  co_await fixture.stop();
}

CO_TEST(WebSocket, EndsWithTheServersCloseCode) {
  Fixture fixture(co_await asio::this_coro::executor);
  const auto ended = co_await fixture.open();
  co_await ended->send_text("end");
  const auto nothing = co_await ended->receive();
  EXPECT_FALSE(nothing);
  EXPECT_EQ(ended->peer_close()->code, CloseCode::normal);
  bool refused = false;
  try {
    co_await ended->send_text("more");
  } catch (const Error& error) {
    refused = error.code() == ErrorCode::unavailable;
  }
  EXPECT_TRUE(refused);

  const auto failed = co_await fixture.open();
  co_await failed->send_text("fail");
  const auto nothing_too = co_await failed->receive();
  EXPECT_FALSE(nothing_too);
  EXPECT_EQ(failed->peer_close()->code, CloseCode::failed);
  EXPECT_EQ(failed->peer_close()->reason, "as you wish");
  co_await fixture.stop();
}

CO_TEST(WebSocket, HandshakeIsThatOfTheStandard) {  // RFC 6455 §1.3
  Fixture fixture(co_await asio::this_coro::executor);
  std::string head;
  const auto stream = co_await raw(fixture.server.endpoint(), kHandshake, &head);
  EXPECT_TRUE(head.starts_with("HTTP/1.1 101 ")) << head;
  EXPECT_NE(head.find("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"), std::string::npos) << head;
  stream->close();
  co_await fixture.stop();
}

CO_TEST(WebSocket, HandshakesThatAreNoneAreRefused) {
  Fixture fixture(co_await asio::this_coro::executor);
  const std::string good = kHandshake;
  const std::vector<std::pair<std::string, std::string>> changes = {
      {"Version: 13", "Version: 8"}, {"Key: dGhl", "Key: d"}, {"Key: dGhlIHNh", "Key: "}, {"GET", "POST"}};
  for (const auto& [from, to] : changes) {
    std::string handshake = good, head;
    handshake.replace(handshake.find(from), from.size(), to);
    co_await raw(fixture.server.endpoint(), handshake, &head);
    EXPECT_TRUE(head.starts_with("HTTP/1.1 4")) << head;
  }
  Request plain;
  const Response answer = co_await fixture.client.send(plain, in(5s));
  EXPECT_EQ(answer.status, 426);
  co_await fixture.stop();
}

CO_TEST(WebSocket, ClientsThatBreakTheProtocolAreToldSo) {
  Fixture fixture(co_await asio::this_coro::executor);
  const std::vector<std::pair<std::string, int>> broken = {
      {encode_frame(Opcode::text, "not masked", std::nullopt), 1002},
      {encode_frame(Opcode::text, "\xff", Mask{1, 2, 3, 4}), 1007},
      {encode_frame(Opcode::binary, std::string(100'001, 'x'), Mask{1, 2, 3, 4}).substr(0, 14), 1009}};
  for (const auto& [bytes, code] : broken) {
    const auto stream = co_await raw(fixture.server.endpoint(), kHandshake);
    co_await stream->write_all(bytes, in(5s));
    FrameParser parser(FrameParser::Peer::server, 1000);
    const Frame frame = co_await next_frame(*stream, parser);
    EXPECT_EQ(frame.opcode, Opcode::close);
    EXPECT_EQ(frame.close_code, code);
  }
  co_await fixture.stop();
}

CO_TEST(WebSocket, PingsAreAnsweredAndSent) {
  Fixture fixture(co_await asio::this_coro::executor);
  const auto stream = co_await raw(fixture.server.endpoint(), kHandshake);
  FrameParser parser(FrameParser::Peer::server, 1000);
  const std::string ping = encode_frame(Opcode::ping, "are you there", Mask{1, 2, 3, 4});
  co_await stream->write_all(ping, in(5s));
  const Frame pong = co_await next_frame(*stream, parser);
  EXPECT_EQ(pong.opcode, Opcode::pong);
  EXPECT_EQ(pong.data, "are you there");
  const Frame theirs = co_await next_frame(*stream, parser);  // within ping_every
  EXPECT_EQ(theirs.opcode, Opcode::ping);
  stream->close();
  co_await fixture.stop();
}

CO_TEST(WebSocket, RefusalCarriesTheServersAnswer) {
  const Executor executor = co_await asio::this_coro::executor;
  HttpServer server(
      executor,
      Endpoint::tcp("127.0.0.1", 0),
      [](Request) -> Task<Reply> { co_return Reply::json(404, R"({"detail":"Not found"})"); },
      Log::silent());
  TaskGroup group(executor);
  group.spawn(server.run());
  HttpClient client(executor, server.endpoint());
  std::optional<Response> refusal;
  try {
    Request request;
    co_await connect_websocket(client, std::move(request), in(5s), quick());
  } catch (const UpgradeRefused& error) {
    EXPECT_EQ(error.code(), ErrorCode::not_found);
    refusal = error.response();
  }
  CO_ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->status, 404);
  EXPECT_EQ(refusal->body, R"({"detail":"Not found"})");
  group.cancel();
  co_await group.join();
}

}  // namespace
}  // namespace deis::net
