#include "controller/events/container_feed.h"

#include "core/json/json.h"
#include "core/net/co_test.h"

#include <boost/asio/this_coro.hpp>

namespace deis::controller {
namespace {

const JobName kWeb = JobName::parse("shop_v3.web.1"), kWorker = JobName::parse("shop_v3.worker.1");

struct FeedFixture {
  explicit FeedFixture(Executor executor)
      : log(executor), feed(log), listener(log.listen(AppId::parse("shop"), std::nullopt)) {}
  void engine(const JobName& job, JobState state, std::string container, std::string detail = "") {
    feed.job_changed(JobChange{job, state, std::move(container), std::move(detail)});
  }
  void publisher(const JobName& job, std::string state, std::string container, std::string detail = "") {
    PublishedEndpoint endpoint{.container = std::move(container), .address = "172.30.0.5:5000"};
    endpoint.state = std::move(state);
    endpoint.detail = std::move(detail);
    feed.endpoint_changed(job, &endpoint);
  }
  // "web.1 up": all events since the last call.
  Task<std::string> seen() {
    std::string text;
    const auto delivery = co_await listener->next(std::chrono::steady_clock::now());
    for (const auto& event : delivery.events) {
      const auto data = json::parse(event.data);
      const std::string detail(data.at("detail").as_string());
      EXPECT_EQ(event.name, "container");
      EXPECT_EQ(data.at("release").as_int64(), 3);
      text += std::string(data.at("state").as_string()) + (detail.empty() ? "" : "(" + detail + ")") + " ";
    }
    co_return text;
  }

  EventLog log;
  ContainerFeed feed;
  std::unique_ptr<EventLog::Listener> listener;
};

CO_TEST(ContainerFeed, WebContainerIsUpWhenItsPublisherSaysSo) {
  FeedFixture f(co_await asio::this_coro::executor);
  f.engine(kWeb, JobState::created, "c1");
  f.engine(kWeb, JobState::up, "c1");
  f.publisher(kWeb, "starting", "c1");
  f.publisher(kWeb, "up", "c1");
  f.publisher(kWeb, "failing", "c1", "got 500");
  f.publisher(kWeb, "up", "c1");
  const std::string seen = co_await f.seen();
  EXPECT_EQ(seen, "starting up down(got 500) up ");
}

CO_TEST(ContainerFeed, OtherContainersAreUpWhenTheyRun) {
  FeedFixture f(co_await asio::this_coro::executor);
  f.engine(kWorker, JobState::created, "c1");
  f.engine(kWorker, JobState::up, "c1");
  f.engine(kWorker, JobState::crashed, "c1", "exited with code 3");
  f.engine(kWorker, JobState::created, "c2");
  f.engine(kWorker, JobState::up, "c2");
  f.engine(kWorker, JobState::destroyed, "c1");  // the corpse
  f.engine(kWorker, JobState::down, "c2", "exited with code 0");
  f.engine(kWorker, JobState::destroyed, "c2");
  const std::string seen = co_await f.seen();
  EXPECT_EQ(seen, "starting up crashed(exited with code 3) starting up down(exited with code 0) destroyed ");
}

CO_TEST(ContainerFeed, PublisherMayBeQuickerThanTheEngine) {
  FeedFixture f(co_await asio::this_coro::executor);
  f.publisher(kWeb, "up", "c1");
  f.engine(kWeb, JobState::created, "c1");
  f.engine(kWeb, JobState::up, "c1");
  f.feed.endpoint_changed(kWeb, nullptr);
  f.engine(kWeb, JobState::destroyed, "c1");
  f.feed.endpoint_changed(kWeb, nullptr);
  const std::string seen = co_await f.seen();
  EXPECT_EQ(seen, "up down(it is not published any more) destroyed ");
}

CO_TEST(ContainerFeed, EndOfAContainerThatWasNeverSeenIsToldButNotItsRemoval) {
  FeedFixture f(co_await asio::this_coro::executor);
  f.engine(kWorker, JobState::destroyed, "old");
  f.engine(kWorker, JobState::crashed, "c1", "exited with code 1");
  const std::string seen = co_await f.seen();
  EXPECT_EQ(seen, "crashed(exited with code 1) ");
}

}  // namespace
}  // namespace deis::controller
