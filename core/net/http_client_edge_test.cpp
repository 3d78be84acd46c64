// The client against servers that are not good ones.
#include "core/net/http_server_fixture.h"

namespace deis::net {
namespace {

using namespace test;

// Answers the n-th request that it gets, over all connections, with the n-th text; "" closes the connection
// without a word, and so does the end of the list. Requests have no body or one of 4 bytes.
class RawServer {
 public:
  RawServer(Executor executor, std::vector<std::string> answers)
      : answers_(std::move(answers)), listener_(executor, Endpoint::tcp("127.0.0.1", 0)), group_(executor) {
    Listener::Serve serve = [this](std::unique_ptr<Stream> stream) { return talk(std::move(stream)); };
    group_.spawn(listener_.run(std::move(serve)));
  }
  Task<> stop() {
    group_.cancel();
    co_await group_.join();
  }
  Endpoint endpoint() const { return listener_.endpoint(); }
  std::vector<std::string> requests;  // first lines

 private:
  Task<> talk(std::unique_ptr<Stream> stream) {
    for (;;) {
      const std::string head = co_await until_closed_or(*stream, "\r\n\r\n");
      if (head.empty()) co_return;
      requests.push_back(head.substr(0, head.find('\r')));
      const std::string answer = requests.size() <= answers_.size() ? answers_[requests.size() - 1] : "";
      if (answer.empty()) co_return;
      co_await stream->write_all(answer, in(5s));
      if (answer.find("close") != std::string::npos) co_return;
    }
  }

  std::vector<std::string> answers_;
  Listener listener_;
  TaskGroup group_;
};

const std::string kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

Request request(std::string method) {
  Request request = get("/x");
  request.method = std::move(method);
  return request;
}

// "ok", or the name of the failure.
Task<std::string> outcome(HttpClient& client, std::string method) {
  std::string result;
  try {
    const Response response = co_await client.send(request(std::move(method)), in(3s));
    result = response.body;
  } catch (const Error& error) {
    result = name_of(error.code());
  }
  co_return result;
}

// The server has read it before it closed: it may have done it.
CO_TEST(HttpClient, NeverRepeatsAPostOnAnotherConnection) {
  const Executor executor = co_await asio::this_coro::executor;
  RawServer server(executor, {kOk, "", kOk});
  HttpClient client(executor, server.endpoint());
  EXPECT_EQ(co_await outcome(client, "GET"), "ok");
  EXPECT_EQ(co_await outcome(client, "POST"), "unavailable");
  EXPECT_EQ(server.requests.size(), 2u);
  EXPECT_EQ(co_await outcome(client, "POST"), "ok");
  co_await server.stop();
}

CO_TEST(HttpClient, RepeatsWhatIsIdempotentOnce) {
  const Executor executor = co_await asio::this_coro::executor;
  RawServer server(executor, {kOk, "", kOk, "", ""});
  HttpClient client(executor, server.endpoint());
  EXPECT_EQ(co_await outcome(client, "GET"), "ok");
  EXPECT_EQ(co_await outcome(client, "GET"), "ok");
  EXPECT_EQ(server.requests.size(), 3u);
  EXPECT_EQ(co_await outcome(client, "GET"), "unavailable");
  EXPECT_EQ(server.requests.size(), 5u);
  co_await server.stop();
}

// On a fresh connection there is no doubt that the server is at fault.
CO_TEST(HttpClient, RepeatsNothingOnAFreshConnection) {
  const Executor executor = co_await asio::this_coro::executor;
  RawServer server(executor, {"", kOk});
  HttpClient client(executor, server.endpoint());
  EXPECT_EQ(co_await outcome(client, "GET"), "unavailable");
  EXPECT_EQ(server.requests.size(), 1u);
  co_await server.stop();
}

CO_TEST(HttpClient, RefusesAnswersThatAreNotClear) {
  const Executor executor = co_await asio::this_coro::executor;
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  const std::pair<std::string, std::string> cases[] = {
      {ok + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "invalid"},
      {ok + "Content-Length: 2\r\nContent-Length: 3\r\n\r\nok", "invalid"},
      {ok + "A: b\r\n folded\r\n\r\n", "invalid"},
      {ok + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", "invalid"},
      {"HTTP/1.1 20 OK\r\n\r\n", "invalid"},
      {"SSH-2.0-OpenSSH\r\n\r\n", "invalid"},
      {ok + "A: " + std::string(70'000, 'x') + "\r\n\r\n", "too_large"},
      {ok + "Content-Length: 5\r\nConnection: close\r\n\r\nok", "unavailable"},
      {ok + "Connection: close\r\n\r\nok", "ok"},
      {"HTTP/1.1 200\r\nConnection: close\r\n\r\nok", "ok"},
      {"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + kOk, "ok"},
  };
  for (const auto& [answer, expected] : cases) {
    RawServer server(executor, {answer});
    HttpClient client(executor, server.endpoint());
    EXPECT_EQ(co_await outcome(client, "GET"), expected) << answer.substr(0, 200);
    co_await server.stop();
  }
}

CO_TEST(HttpClient, TakesOnlySoMuchOfAnAnswer) {
  const Executor executor = co_await asio::this_coro::executor;
  std::string endless = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 100; ++i) endless += "3e8\r\n" + std::string(1000, 'x') + "\r\n";
  RawServer server(executor, {endless});
  HttpClient::Options options;
  options.max_body = 10'000;
  HttpClient client(executor, server.endpoint(), options);
  EXPECT_EQ(co_await outcome(client, "GET"), "too_large");
  co_await server.stop();
}

}  // namespace
}  // namespace deis::net
