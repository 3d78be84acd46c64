#include "core/component/runtime.h"

#include "core/base/error.h"
#include "core/net/http_client.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <signal.h>

namespace deis::component {
namespace {

using std::chrono::seconds;

RuntimeOptions options() {
  RuntimeOptions options;
  options.component = "test";
  options.log_level = LogLevel::error;
  return options;
}

Task<net::Response> request(Runtime& runtime, std::string method, std::string path) {
  net::HttpClient http(runtime.executor(), runtime.admin_endpoint());
  net::Request request;
  request.method = std::move(method);
  request.target = std::move(path);
  co_return co_await http.send(std::move(request), in(seconds(5)));
}

// Runs `body` as a part and ends the daemon as Docker does when it has come to its end.
int run_with(Runtime& runtime, std::function<Task<>()> body) {
  auto part = [&body]() -> Task<> {
    co_await body();
    ::raise(SIGTERM);
  };
  runtime.add("test", part);
  return runtime.run();
}

TEST(Runtime, EndsWithZeroAfterASignalAndRunsTheLastSteps) {
  Runtime runtime(options());
  bool stopped = false;
  runtime.at_stop([&]() -> Task<> {
    stopped = true;
    co_return;
  });
  const int code = run_with(runtime, []() -> Task<> { co_return; });
  EXPECT_EQ(code, 0);
  EXPECT_TRUE(stopped);
}

TEST(Runtime, JoinsAllPartsBeforeItReturns) {
  Runtime runtime(options());
  bool cleaned_up = false;
  runtime.add("endless", [&]() -> Task<> {
    try {
      co_await net::sleep_for(seconds(100));
    } catch (const Error&) {
      cleaned_up = true;
      throw;
    }
  });
  run_with(runtime, []() -> Task<> { co_return; });
  EXPECT_TRUE(cleaned_up);
}

TEST(Runtime, EndsWithOneWhenAPartFails) {
  Runtime runtime(options());
  runtime.add("endless", []() -> Task<> { co_await net::sleep_for(seconds(100)); });
  runtime.add("broken", []() -> Task<> {
    throw Error(ErrorCode::invalid, "expected by this test");
    co_return;
  });
  EXPECT_EQ(runtime.run(), 1);
}

TEST(Runtime, TellsOnItsAdminAddressWhetherItIsReadyAndWhyNot) {
  Runtime runtime(options());
  std::string reason = "database is away";
  runtime.ready_when("fine", [] { return std::string(); });
  runtime.ready_when("store", [&] { return reason; });
  run_with(runtime, [&]() -> Task<> {
    const auto before = co_await request(runtime, "GET", "/readyz");
    EXPECT_EQ(before.status, 503);
    EXPECT_EQ(before.body, "store: database is away\n");
    reason.clear();
    const auto after = co_await request(runtime, "GET", "/readyz");
    EXPECT_EQ(after.status, 200);
    const auto health = co_await request(runtime, "GET", "/healthz");
    EXPECT_EQ(health.status, 200);
    const auto metrics = co_await request(runtime, "GET", "/metrics");
    EXPECT_NE(metrics.body.find("process_open_fds"), std::string::npos);
  });
}

TEST(Runtime, ServesFurtherRoutesOfTheComponent) {
  Runtime runtime(options());
  runtime.handle("POST", "/collect", [](net::Request) -> Task<net::Reply> {
    co_return net::Reply::text(200, "collected");
  });
  run_with(runtime, [&]() -> Task<> {
    const auto reply = co_await request(runtime, "POST", "/collect");
    EXPECT_EQ(reply.body, "collected");
    const auto wrong_method = co_await request(runtime, "GET", "/collect");
    EXPECT_EQ(wrong_method.status, 405);
    const auto unknown = co_await request(runtime, "GET", "/other");
    EXPECT_EQ(unknown.status, 404);
  });
}

// ---- the environment
// -------------------------------------------------------------------------------------------------

class Environment : public testing::Test {
 protected:
  void TearDown() override {
    for (const char* name : {"DEIS_ETCD", "DEIS_HOST_ID", "DEIS_LOG_LEVEL", "DEIS_ADMIN_PORT"})
      ::unsetenv(name);
  }
  void expect_refused(const char* name, const char* value) {
    ::setenv(name, value, 1);
    try {
      options_from_environment("test", 8001);
      ADD_FAILURE() << name << "=" << value << " was taken";
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find(name), std::string::npos);
    }
    ::unsetenv(name);
  }
};

TEST_F(Environment, HasDefaultsForAll) {
  const auto options = options_from_environment("test", 8001);
  EXPECT_EQ(options.etcd, net::Endpoint::tcp("127.0.0.1", 2379));
  EXPECT_EQ(options.admin, net::Endpoint::tcp("127.0.0.1", 8001));
  EXPECT_FALSE(options.host_id.empty());
}

TEST_F(Environment, IsTakenOver) {
  ::setenv("DEIS_ETCD", "http://10.0.0.1:4001", 1);
  ::setenv("DEIS_HOST_ID", "h1", 1);
  ::setenv("DEIS_LOG_LEVEL", "debug", 1);
  ::setenv("DEIS_ADMIN_PORT", "9000", 1);
  const auto options = options_from_environment("test", 8001);
  EXPECT_EQ(options.etcd, net::Endpoint::tcp("10.0.0.1", 4001));
  EXPECT_EQ(options.host_id, "h1");
  EXPECT_EQ(options.log_level, LogLevel::debug);
  EXPECT_EQ(options.admin.port, 9000);
}

TEST_F(Environment, AWrongValueIsRefusedByName) {
  expect_refused("DEIS_LOG_LEVEL", "loud");
  expect_refused("DEIS_ADMIN_PORT", "70000");
  expect_refused("DEIS_ETCD", "http://:x");
}

}  // namespace
}  // namespace deis::component
