#include "core/net/stream.h"

#include "core/base/error.h"
#include "core/net/co_test.h"
#include "core/net/task_group.h"

#include <boost/asio/this_coro.hpp>

#include <unistd.h>

namespace deis::net {
namespace {

using namespace std::chrono_literals;

TEST(Endpoint, ReadsWhatItWrites) {
  for (const char* text :
       {"tcp://127.0.0.1:8000", "unix:///var/run/docker.sock", "tcp://[::1]:5", "tcp://deis.localhost:80"}) {
    EXPECT_EQ(Endpoint::parse(text).str(), text);
  }
  EXPECT_EQ(Endpoint::parse("http://deis.example.com/v1/").str(), "tcp://deis.example.com:80");
  for (const char* bad :
       {"",
        "127.0.0.1:80",
        "tcp://:80",
        "tcp://a:x",
        "tcp://a:70000",
        "unix://relative",
        "ftp://a:1",
        "tcp://a"}) {
    EXPECT_THROW(Endpoint::parse(bad), Error) << bad;
  }
}

Task<> echo(std::unique_ptr<Stream> stream) {
  char bytes[100];
  for (;;) {
    const std::size_t count = co_await stream->read_some(bytes, sizeof(bytes), in(5s));
    if (count == 0) co_return;
    co_await stream->write_all(std::string_view(bytes, count), in(5s));
  }
}

Task<> silent(std::unique_ptr<Stream> stream) {
  char byte;
  co_await stream->read_some(&byte, 1, in(1h));
}

Task<std::string> ask(const Endpoint& endpoint, std::string_view question) {
  std::unique_ptr<Stream> stream = co_await connect(endpoint, in(5s));
  co_await stream->write_all(question, in(5s));
  stream->shutdown_write();
  std::string answer;
  char bytes[100];
  for (;;) {
    const std::size_t count = co_await stream->read_some(bytes, sizeof(bytes), in(5s));
    if (count == 0) co_return answer;
    answer.append(bytes, count);
  }
}

CO_TEST(Stream, CarriesBytesOverTcpAndUnixSockets) {
  const Executor executor = co_await asio::this_coro::executor;
  const std::string path = "/tmp/deis-stream-test-" + std::to_string(::getpid());
  for (const Endpoint& at : {Endpoint::tcp("127.0.0.1", 0), Endpoint::unix_socket(path)}) {
    Listener listener(executor, at);
    TaskGroup group(executor);
    group.spawn(listener.run(echo));
    EXPECT_EQ(co_await ask(listener.endpoint(), "hello"), "hello");
    group.cancel();
    co_await group.join();
  }
  ::unlink(path.c_str());
}

CO_TEST(Stream, NamesUnderLocalhostNeedNoLookup) {
  const Executor executor = co_await asio::this_coro::executor;
  Listener listener(executor, Endpoint::tcp("127.0.0.1", 0));
  TaskGroup group(executor);
  group.spawn(listener.run(echo));
  EXPECT_EQ(co_await ask(Endpoint::tcp("deis.localhost", listener.endpoint().port), "x"), "x");
  group.cancel();
  co_await group.join();
}

CO_TEST(Stream, ReadEndsWithTimeoutWhenNothingComes) {
  const Executor executor = co_await asio::this_coro::executor;
  Listener listener(executor, Endpoint::tcp("127.0.0.1", 0));
  TaskGroup group(executor);
  group.spawn(listener.run(silent));
  std::unique_ptr<Stream> stream = co_await connect(listener.endpoint(), in(5s));
  EXPECT_TRUE(stream->is_idle());
  ErrorCode code = ErrorCode::internal;
  try {
    char byte;
    co_await stream->read_some(&byte, 1, in(10ms));
  } catch (const Error& error) {
    code = error.code();
  }
  EXPECT_EQ(code, ErrorCode::timeout);
  EXPECT_FALSE(stream->is_idle());
  group.cancel();
  co_await group.join();
}

CO_TEST(Stream, ConnectNamesTheEndpointThatRefused) {
  const Executor executor = co_await asio::this_coro::executor;
  std::uint16_t port = 0;
  {
    Listener gone(executor, Endpoint::tcp("127.0.0.1", 0));
    port = gone.endpoint().port;
  }
  std::string what;
  try {
    co_await connect(Endpoint::tcp("127.0.0.1", port), in(5s));
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::unavailable);
    what = error.what();
  }
  EXPECT_NE(what.find(std::to_string(port)), std::string::npos) << what;
}

CO_TEST(Listener, SaysWhichAddressIsTaken) {
  const Executor executor = co_await asio::this_coro::executor;
  Listener first(executor, Endpoint::tcp("127.0.0.1", 0));
  EXPECT_THROW(Listener(executor, first.endpoint()), Error);
}

}  // namespace
}  // namespace deis::net
