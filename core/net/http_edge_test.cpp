// What a server of ours makes of bytes that a good client would not send.
#include "core/net/http_server_fixture.h"

namespace deis::net {
namespace {

using namespace test;

struct Case {
  std::string bytes, status, why;
};

// Each gets its status and its reason, and then the connection is closed: "GET /next" behind it is never
// served.
Task<> expect_refusals(std::vector<Case> cases, HttpServer::Options options) {
  const Executor executor = co_await asio::this_coro::executor;
  Fixture fixture(executor, options);
  for (const Case& c : cases) {
    const std::string answer =
        co_await raw(fixture.server.endpoint(), c.bytes + "GET /next HTTP/1.1\r\nHost: a\r\n\r\n");
    const std::string expected = "HTTP/1.1 " + c.status + " ";
    EXPECT_EQ(answer.substr(0, expected.size()), expected) << c.bytes;
    EXPECT_NE(answer.find(c.why), std::string::npos) << answer;
    EXPECT_EQ(answer.find("GET /next"), std::string::npos) << answer;
  }
  co_await fixture.stop();
}

std::string post(std::string headers, std::string body) {
  return "POST / HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n" + body;
}

CO_TEST(HttpServer, RefusesWhatIsNotHttp) {
  std::vector<Case> cases;
  cases.push_back({"nonsense\r\n\r\n", "400", "first line"});
  cases.push_back({"\r\n\r\n", "400", "first line is empty"});
  cases.push_back({"GET / HTTP/2.0\r\n\r\n", "505", "only HTTP/1.1"});
  cases.push_back({"GET / HTTP/1.2\r\n\r\n", "505", "only HTTP/1.1"});
  cases.push_back({"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", "400", "version"});
  cases.push_back({"G@T / HTTP/1.1\r\nHost: a\r\n\r\n", "400", "method"});
  cases.push_back({"GET x HTTP/1.1\r\nHost: a\r\n\r\n", "400", "does not begin with '/'"});
  cases.push_back({"GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n", "400", "target"});
  cases.push_back({"GET / HTTP/1.1\r\n\r\n", "400", "Host is missing"});
  cases.push_back({"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "400", "Host is given twice"});
  cases.push_back({"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", "400", "Host is not a host"});
  cases.push_back({post("bad header\r\n", ""), "400", "no colon"});
  cases.push_back({post("Name : x\r\n", ""), "400", "name"});
  cases.push_back({post(": x\r\n", ""), "400", "name"});
  cases.push_back({post("A: x\x01\r\n", ""), "400", "control character"});
  cases.push_back({post(std::string("A: x\0\r\n", 7), ""), "400", "control character"});
  cases.push_back({post("Expect: something\r\n", ""), "417", "100-continue"});
  co_await expect_refusals(std::move(cases), quick());
}

CO_TEST(HttpServer, RefusesWhatCouldHideASecondRequest) {
  const std::string chunked = "Transfer-Encoding: chunked\r\n", one = "Content-Length: 1\r\n";
  std::vector<Case> cases;
  cases.push_back({post(one + chunked, "0\r\n\r\n"), "400", "both Content-Length"});
  cases.push_back({post(chunked + one, "0\r\n\r\n"), "400", "both Content-Length"});
  cases.push_back({post(one + one, "x"), "400", "given twice"});
  cases.push_back({post(one + "Content-Length: 2\r\n", "xy"), "400", "given twice"});
  cases.push_back({post("Content-Length: 1, 1\r\n", "x"), "400", "not a number"});
  cases.push_back({post("Content-Length: +1\r\n", "x"), "400", "not a number"});
  cases.push_back({post("Content-Length: -1\r\n", "x"), "400", "not a number"});
  cases.push_back({post("Content-Length: 0x1\r\n", "x"), "400", "not a number"});
  cases.push_back({post("Content-Length:\r\n", "x"), "400", "not a number"});
  cases.push_back({post("Content-Length: 99999999999999999999\r\n", "x"), "400", "too large"});
  cases.push_back({post("Transfer-Encoding: gzip\r\n", "x"), "400", "does not end in chunked"});
  cases.push_back({post("Transfer-Encoding: chunked, identity\r\n", "x"), "400", "does not end in chunked"});
  cases.push_back({post("Transfer-Encoding: xchunked\r\n", "x"), "400", "does not end in chunked"});
  cases.push_back({post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), "501", "only 'chunked'"});
  cases.push_back({post(chunked + chunked, "0\r\n\r\n"), "501", "only 'chunked'"});
  cases.push_back({"POST / HTTP/1.0\r\n" + chunked + "\r\n0\r\n\r\n", "400", "HTTP/1.0"});
  cases.push_back({post("A: b\r\n  folded\r\n", ""), "400", "folded"});
  cases.push_back({post("\tA: b\r\n", ""), "400", "folded"});
  cases.push_back({"GET / HTTP/1.1\nHost: a\n\n", "400", "LF without CR"});
  cases.push_back({"GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n", "400", "LF without CR"});
  cases.push_back({"GET / HTTP/1.1\r\nHost: a\rX: y\r\n\r\n", "400", "CR without LF"});
  for (const char* size : {"x", "-1", "+1", "0x1", " 1", "1 ", "", "1,", "fffffffffffffffff"})
    cases.push_back({post(chunked, std::string(size) + "\r\na\r\n0\r\n\r\n"), "400", "chunk's size"});
  cases.push_back({post(chunked, "1\r\nab\r\n0\r\n\r\n"), "400", "longer than its size"});
  cases.push_back({post(chunked, "1\na\r\n0\r\n\r\n"), "400", "LF without CR"});
  cases.push_back({post(chunked, "0\r\nbad trailer\r\n\r\n"), "400", "no colon"});
  cases.push_back({post(chunked, "1;" + std::string(5000, 'x') + "\r\na\r\n0\r\n\r\n"), "400", "too long"});
  co_await expect_refusals(std::move(cases), quick());
}

CO_TEST(HttpServer, RefusesWhatIsTooLargeBeforeItHasReadIt) {
  HttpServer::Options options = quick();
  options.max_body = 10;
  options.max_head = 1000;
  options.max_headers = 20;
  std::string many;
  for (int i = 0; i < 30; ++i) many += "A: b\r\n";
  std::vector<Case> cases;
  cases.push_back({post("Content-Length: 11\r\n", ""), "413", "over the limit of 10 bytes"});
  cases.push_back({post("Transfer-Encoding: chunked\r\n", "fff\r\n12345678901"), "413", "over the limit"});
  cases.push_back({post("X: " + std::string(2000, 'a') + "\r\n", ""), "431", "over 1000 bytes"});
  cases.push_back({"GET /" + std::string(2000, 'a'), "431", "over 1000 bytes"});
  cases.push_back({post(many, ""), "431", "more than 20 headers"});
  cases.push_back(
      {post("Transfer-Encoding: chunked\r\n", "0\r\nA: " + std::string(9000, 'x')), "431", "trailers"});
  co_await expect_refusals(std::move(cases), options);
}

CO_TEST(HttpServer, TakesWhatIsUnusualButClear) {
  const Executor executor = co_await asio::this_coro::executor;
  Fixture fixture(executor, quick());
  const std::string good[] = {
      "GET /x HTTP/1.1\r\nhOST:a\r\nConnection: close\r\n\r\n",
      "GET http://a.example/x HTTP/1.1\r\nHost: a\r\nConnection: Close\r\n\r\n",
      "GET /x HTTP/1.0\r\n\r\n",
      "GET /x HTTP/1.1\r\nHost: [::1]:8000\r\nEmpty:\r\nConnection: a, close\r\n\r\n",
  };
  for (const std::string& bytes : good) {
    const std::string answer = co_await raw(fixture.server.endpoint(), bytes);
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("GET /x ")) << bytes << answer;
  }
  const std::string body = "3;a=\"b\"\r\nabc\r\nA\r\n0123456789\r\n00\r\nHost: evil\r\n\r\n";
  const std::string answer = co_await raw(
      fixture.server.endpoint(), post("Transfer-Encoding: Chunked\r\nConnection: close\r\n", body));
  EXPECT_TRUE(answer.ends_with("POST / abc0123456789")) << answer;
  co_await fixture.stop();
}

CO_TEST(HttpServer, AnswersASlowHeadWith408) {
  HttpServer::Options options = quick();
  options.head_timeout = 1s;
  const Executor executor = co_await asio::this_coro::executor;
  Fixture fixture(executor, options);
  const std::string answer = co_await raw(fixture.server.endpoint(), "GET / HTTP/1.1\r\nHos");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 408 ")) << answer;
  EXPECT_NE(answer.find("the head of the request did not arrive within 1 s"), std::string::npos) << answer;
  co_await fixture.stop();
}

// However much of it arrives in time: a byte now and then does not hold the connection.
CO_TEST(HttpServer, AnswersASlowBodyWith408) {
  HttpServer::Options options = quick();
  options.body_timeout = 1s;
  const Executor executor = co_await asio::this_coro::executor;
  Fixture fixture(executor, options);
  std::unique_ptr<Stream> stream = co_await connect(fixture.server.endpoint(), in(5s));
  co_await stream->write_all(post("Content-Length: 1000\r\n", ""), in(5s));
  const auto begin = std::chrono::steady_clock::now();
  std::optional<std::size_t> came;
  char bytes[1000];
  while (!came) {
    co_await stream->write_all("x", in(5s));
    came = co_await stream->read_before(bytes, sizeof(bytes), in(50ms));
  }
  const std::string answer(bytes, *came);
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 408 ")) << answer;
  EXPECT_NE(answer.find("Connection: close"), std::string::npos) << answer;
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 3s);
  co_await fixture.stop();
}

CO_TEST(HttpServer, HoldsOnlySoManyBytesOfBodies) {
  HttpServer::Options options = quick();
  options.max_body = 1000;
  options.max_bodies = 1500;
  const Executor executor = co_await asio::this_coro::executor;
  Fixture fixture(executor, options);
  std::unique_ptr<Stream> slow = co_await connect(fixture.server.endpoint(), in(5s));
  const std::string most(999, 'x');
  co_await slow->write_all(post("Content-Length: 1000\r\nConnection: close\r\n", most), in(5s));
  std::string answer;  // until the server has read the first one
  while (!answer.starts_with("HTTP/1.1 503 ")) {
    answer = co_await raw(
        fixture.server.endpoint(), post("Content-Length: 900\r\nConnection: close\r\n", most.substr(0, 900)));
  }
  EXPECT_NE(answer.find("Retry-After"), std::string::npos) << answer;
  co_await slow->write_all("x", in(5s));
  const std::string first = co_await until_closed_or(*slow, "");
  EXPECT_TRUE(first.starts_with("HTTP/1.1 200 ")) << first;
  const std::string again = co_await raw(
      fixture.server.endpoint(), post("Content-Length: 1000\r\nConnection: close\r\n", most + "x"));
  EXPECT_TRUE(again.starts_with("HTTP/1.1 200 ")) << again;
  co_await fixture.stop();
}

CO_TEST(HttpServer, ARefusalCarriesTheOwnersHeaders) {
  HttpServer::Options options = quick();
  options.own_headers.set("X-Ours", "1");
  const Executor executor = co_await asio::this_coro::executor;
  Fixture fixture(executor, options);
  const std::string answer = co_await raw(fixture.server.endpoint(), "nonsense\r\n\r\n");
  EXPECT_NE(answer.find("X-Ours: 1"), std::string::npos) << answer;
  co_await fixture.stop();
}

CO_TEST(HttpServer, SpeaksHttp10WithoutChunks) {
  const Executor executor = co_await asio::this_coro::executor;
  Fixture fixture(executor, quick());
  const std::string streamed = co_await raw(fixture.server.endpoint(), "GET /stream HTTP/1.0\r\n\r\n");
  EXPECT_EQ(streamed.find("chunked"), std::string::npos);
  EXPECT_EQ(streamed.substr(streamed.find("\r\n\r\n") + 4), "one,two,three");
  const std::string two = "GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /2 HTTP/1.0\r\n\r\n";
  const std::string answers = co_await raw(fixture.server.endpoint(), two);
  EXPECT_NE(answers.find("Connection: keep-alive"), std::string::npos);
  EXPECT_NE(answers.find("GET /2"), std::string::npos);
  co_await fixture.stop();
}

CO_TEST(HttpServer, AsksForTheBodyThatTheClientHoldsBack) {
  const Executor executor = co_await asio::this_coro::executor;
  Fixture fixture(executor, quick());
  std::unique_ptr<Stream> stream = co_await connect(fixture.server.endpoint(), in(5s));
  co_await stream->write_all(
      "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\nConnection: "
      "close\r\n\r\n",
      in(5s));
  const std::string go_on = co_await until_closed_or(*stream, "\r\n\r\n");
  EXPECT_TRUE(go_on.starts_with("HTTP/1.1 100 ")) << go_on;
  co_await stream->write_all("3\r\nabc\r\n0\r\n\r\n", in(5s));
  const std::string answer = co_await until_closed_or(*stream, "POST / abc");
  EXPECT_TRUE(answer.ends_with("POST / abc")) << answer;
  co_await fixture.stop();
}

CO_TEST(HttpServer, AnswersAHeaderThatWouldSplitTheReplyWith500) {
  const Executor executor = co_await asio::this_coro::executor;
  Fixture fixture(executor, quick());
  const std::string answer =
      co_await raw(fixture.server.endpoint(), "GET /split HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 500 ")) << answer;
  EXPECT_EQ(answer.find("stolen"), std::string::npos);
  co_await fixture.stop();
}

CO_TEST(HttpServer, AnswersPipelinedRequestsInOrder) {
  const Executor executor = co_await asio::this_coro::executor;
  Fixture fixture(executor, quick());
  const std::string two =
      "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
  const std::string answer = co_await raw(fixture.server.endpoint(), two);
  const auto first = answer.find("GET /1"), second = answer.find("GET /2");
  EXPECT_NE(first, std::string::npos);
  EXPECT_NE(second, std::string::npos);
  EXPECT_LT(first, second);
  co_await fixture.stop();
}

}  // namespace
}  // namespace deis::net
