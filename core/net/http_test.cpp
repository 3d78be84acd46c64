// Client and server against each other.
#include "core/net/event.h"
#include "core/net/http_server_fixture.h"

#include <rapidcheck.h>

namespace deis::net {
namespace {

using namespace test;

CO_TEST(Http, AnswersRequestAfterRequestOnOneConnection) {
  const Executor executor = co_await asio::this_coro::executor;
  Fixture fixture(executor, quick());
  HttpClient client(executor, fixture.server.endpoint());
  for (int i = 0; i < 3; ++i) {
    Request request = get("/x?a=1");
    request.method = "POST";
    request.body = "body";
    const Response response = co_await client.send(request, in(5s));
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.reason, "OK");
    EXPECT_EQ(response.body, "POST /x?a=1 body");
    EXPECT_FALSE(response.headers.get("x-request-id").empty());
  }
  co_await fixture.stop();
}

CO_TEST(Http, StreamEndsAsSoonAsTheClientHangsUp) {
  const Executor executor = co_await asio::this_coro::executor;
  bool ended = false;
  Event changed(executor);
  const auto endless = [&](BodyWriter& out) -> Task<> {
    co_await out.write("begin\n");
    Event never(executor);
    try {
      co_await never.wait(Deadline::max());
    } catch (const Error&) {
      ended = true;
    }
    changed.notify();
  };
  auto answer = [&](Request) -> Task<Reply> {
    Reply reply;
    reply.stream = endless;
    co_return reply;
  };
  HttpServer server(executor, Endpoint::tcp("127.0.0.1", 0), answer, Log::silent(), quick());
  TaskGroup group(executor);
  group.spawn(server.run());
  auto stream = co_await connect(server.endpoint(), in(5s));
  co_await stream->write_all("GET / HTTP/1.1\r\nHost: x\r\n\r\n", in(5s));
  co_await until_closed_or(*stream, "begin\n");
  EXPECT_FALSE(ended);
  stream->close();
  co_await changed.wait(in(5s));
  EXPECT_TRUE(ended);
  group.cancel();
  co_await group.join();
}

CO_TEST(Http, RequestThatComesWhileAnAnswerStreamsIsServedNext) {
  const Executor executor = co_await asio::this_coro::executor;
  Fixture fixture(executor, quick());
  const std::string answers = co_await raw(
      fixture.server.endpoint(),
      "GET /stream HTTP/1.1\r\nHost: x\r\n\r\nGET /second HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_NE(answers.find("three\r\n0\r\n\r\nHTTP/1.1 200 OK"), std::string::npos) << answers;
  EXPECT_NE(answers.find("GET /second"), std::string::npos) << answers;
  co_await fixture.stop();
}

CO_TEST(Http, StreamsAnswersPieceByPiece) {
  const Executor executor = co_await asio::this_coro::executor;
  Fixture fixture(executor, quick());
  HttpClient client(executor, fixture.server.endpoint());
  std::unique_ptr<ResponseStream> stream = co_await client.open(get("/stream"), in(5s));
  std::string body;
  for (;;) {
    const std::string piece = co_await stream->read(in(5s));
    if (piece.empty()) break;
    body += piece;
  }
  EXPECT_EQ(body, "one,two,three");
  stream.reset();
  co_await fixture.stop();
}

CO_TEST(Http, UploadsAStreamedBody) {
  const Executor executor = co_await asio::this_coro::executor;
  Fixture fixture(executor, quick());
  HttpClient client(executor, fixture.server.endpoint());
  int left = 3;
  BodySource source = [&left]() -> Task<std::string> {
    co_return left-- > 0 ? std::string("piece ") : std::string();
  };
  Request request = get("/up");
  request.method = "POST";
  std::unique_ptr<ResponseStream> answer = co_await client.open(request, source, in(5s));
  EXPECT_EQ(co_await answer->read(in(5s)), "POST /up piece piece piece ");
  answer.reset();
  co_await fixture.stop();
}

CO_TEST(Http, AnEarlyRefusalOfAnUploadIsNotLost) {
  const Executor executor = co_await asio::this_coro::executor;
  HttpServer::Options options = quick();
  options.max_body = 1000;
  Fixture fixture(executor, options);
  HttpClient client(executor, fixture.server.endpoint());
  BodySource endless = []() -> Task<std::string> {
    co_await sleep_for(1ms);
    co_return std::string(500, 'x');
  };
  Request request = get("/up");
  request.method = "POST";
  std::unique_ptr<ResponseStream> answer = co_await client.open(request, endless, in(5s));
  EXPECT_EQ(answer->head().status, 413);
  answer.reset();
  co_await fixture.stop();
}

CO_TEST(Http, HandsTheConnectionOverAfterAnUpgrade) {
  const Executor executor = co_await asio::this_coro::executor;
  Fixture fixture(executor, quick());
  HttpClient client(executor, fixture.server.endpoint());
  Upgraded upgraded = co_await client.upgrade(get("/upgrade"), in(5s));
  EXPECT_EQ(upgraded.head.status, 101);
  co_await upgraded.stream->write_all("ping", in(5s));
  char bytes[10];
  const std::size_t count = co_await upgraded.stream->read_some(bytes, sizeof(bytes), in(5s));
  EXPECT_EQ(std::string_view(bytes, count), "ping");
  upgraded.stream->close();
  co_await fixture.stop();
}

CO_TEST(Http, AFailingHandlerIsAnsweredWithoutItsDetails) {
  const Executor executor = co_await asio::this_coro::executor;
  Fixture fixture(executor, quick());
  HttpClient client(executor, fixture.server.endpoint());
  const Response response = co_await client.send(get("/fail"), in(5s));
  EXPECT_EQ(response.status, 500);
  EXPECT_EQ(response.body.find("secret"), std::string::npos);
  co_await fixture.stop();
}

CO_TEST(Http, ARequestUnderWayIsFinishedWhenTheServerStops) {
  const Executor executor = co_await asio::this_coro::executor;
  Fixture fixture(executor, quick());
  HttpClient client(executor, fixture.server.endpoint());
  int status = 0;
  auto ask = [](HttpClient& c, int& out) -> Task<> {
    const Response response = co_await c.send(get("/slow"), in(5s));
    out = response.status;
  };
  TaskGroup asking(executor);
  asking.spawn(ask(client, status));
  co_await sleep_for(10ms);
  co_await fixture.stop();
  co_await asking.join();
  EXPECT_EQ(status, 200);
}

CO_TEST(Http, ASecondClientOfAFullPoolWaitsForItsTurn) {
  const Executor executor = co_await asio::this_coro::executor;
  Fixture fixture(executor, quick());
  HttpClient::Options options;
  options.max_connections = 1;
  HttpClient client(executor, fixture.server.endpoint(), options);
  auto ask = [](HttpClient& c) -> Task<> { co_await c.send(get("/slow"), in(5s)); };
  TaskGroup asking(executor);
  for (int i = 0; i < 3; ++i) asking.spawn(ask(client));
  co_await asking.join();
  co_await fixture.stop();
}

CO_TEST(HttpServer, SendsNoBodyToHead) {
  const Executor executor = co_await asio::this_coro::executor;
  Fixture fixture(executor, quick());
  HttpClient client(executor, fixture.server.endpoint());
  Request request = get("/x");
  request.method = "HEAD";
  const Response response = co_await client.send(request, in(5s));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "");
  EXPECT_EQ((co_await client.send(get("/y"), in(5s))).body, "GET /y ");
  co_await fixture.stop();
}

CO_TEST(HttpClient, RefusesHeadersThatWouldBreakTheHead) {
  const Executor executor = co_await asio::this_coro::executor;
  HttpClient client(executor, Endpoint::tcp("127.0.0.1", 1));
  Request request = get("/x");
  request.headers.set("X-Evil", "a\r\nB: c");
  bool refused = false;
  try {
    co_await client.send(request, in(5s));
  } catch (const Error& error) {
    refused = error.code() == ErrorCode::invalid;
  }
  EXPECT_TRUE(refused);
}

TEST(Form, ReadsWhatTheQueryBuilderWrites) {
  EXPECT_TRUE(rc::check("round trip", [](const std::vector<std::pair<std::string, std::string>>& pairs) {
    for (const auto& pair : pairs) RC_PRE(!pair.first.empty());
    const std::string query = build_query(pairs);
    RC_ASSERT(parse_form(query.empty() ? query : query.substr(1)) == pairs);
  }));
  EXPECT_EQ(parse_form("a=b+c&d").front().second, "b c");
  EXPECT_THROW(parse_form("a=%zz"), Error);
}

}  // namespace
}  // namespace deis::net
