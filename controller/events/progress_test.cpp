#include "controller/events/progress.h"

#include "core/base/error.h"
#include "core/json/json.h"
#include "core/net/co_test.h"

#include <boost/asio/this_coro.hpp>

namespace deis::controller {
namespace {

const AppId kApp = AppId::parse("shop");

struct ProgressFixture {
  explicit ProgressFixture(Executor executor) : log(executor), listener(log.listen(kApp, std::nullopt)) {}
  // The phases published so far, with their details.
  Task<std::string> phases() {
    std::string text;
    const auto delivery = co_await listener->next(std::chrono::steady_clock::now());
    for (const auto& event : delivery.events) {
      last = json::parse(event.data);
      EXPECT_EQ(event.name, "phase");
      const std::string detail(last.at("detail").as_string());
      text += std::string(last.at("phase").as_string()) + (detail.empty() ? "" : "(" + detail + ")") + " ";
    }
    co_return text;
  }
  std::shared_ptr<Progress> begin(Operation operation) {
    return Progress::begin(log, kApp, operation, Cause{"request-1"});
  }

  EventLog log;
  std::unique_ptr<EventLog::Listener> listener;
  json::value last;
};

CO_TEST(Progress, IsDoneWhenTheAnswerIsThereAndTheOldContainersAreGone) {
  ProgressFixture f(co_await asio::this_coro::executor);
  auto progress = f.begin(Operation::deploy);
  OnPhase on_phase = progress->on_phase();
  progress->starting(4);
  on_phase(Phase::created, "web.1");
  on_phase(Phase::healthy, "web.1");
  on_phase(Phase::switched, "");
  progress->succeeded();
  progress.reset();
  const std::string before = co_await f.phases();
  EXPECT_EQ(before, "starting created(web.1) healthy(web.1) switched ");
  on_phase(Phase::drained, "web.1");
  on_phase(Phase::retired, "");
  const std::string after = co_await f.phases();
  EXPECT_EQ(after, "drained(web.1) done ");
  EXPECT_EQ(f.last.at("request_id").as_string(), "request-1");
  EXPECT_EQ(f.last.at("operation").as_string(), "deploy");
  EXPECT_EQ(f.last.at("release").as_int64(), 4);
  EXPECT_GE(f.last.at("ms").as_int64(), 0);
}

CO_TEST(Progress, EndsWithTheFailure) {
  ProgressFixture f(co_await asio::this_coro::executor);
  const auto progress = f.begin(Operation::config);
  progress->starting(5);
  bool thrown = false;
  try {
    auto work = []() -> Task<> {
      throw Error(ErrorCode::unavailable, "no room");
      co_return;
    };
    co_await Progress::watch(progress, work());
  } catch (const Error& error) {
    thrown = error.code() == ErrorCode::unavailable;
  }
  EXPECT_TRUE(thrown);
  progress->on_phase()(Phase::retired, "");
  progress->succeeded();
  const std::string phases = co_await f.phases();
  EXPECT_EQ(phases, "starting failed(no room) ");
}

CO_TEST(Progress, FailureToldByARestartStandsAlthoughNothingIsThrown) {
  ProgressFixture f(co_await asio::this_coro::executor);
  const auto progress = f.begin(Operation::restart);
  progress->starting(5);
  progress->on_phase()(Phase::failed, "web.1 crashed");
  progress->on_phase()(Phase::retired, "");
  progress->succeeded();
  const std::string phases = co_await f.phases();
  EXPECT_EQ(phases, "starting failed(web.1 crashed) ");
}

}  // namespace
}  // namespace deis::controller
