// Scaling, restarting and the states of containers, against a real etcd.

#include "controller/scheduler/platform_fixture.h"
#include "core/base/error.h"
#include "core/json/json.h"
#include "core/net/co_test.h"

#include <gmock/gmock.h>

namespace deis::controller::test {
namespace {

using testing::StartsWith;

// Says so of shop_v2.web.1 in the place of a publisher; returns when the scheduler knows.
Task<> publish(Platform& p, std::string state) {
  const json::object value{
      {"container", "container-1"}, {"address", "172.30.0.1"}, {"port", 5000}, {"state", state}};
  co_await p.etcd().put(
      "/deis/services/shop/shop_v2.web.1", json::to_text(value), in(std::chrono::seconds(5)));
  const auto job = JobName::parse("shop_v2.web.1");
  co_await p.until([&] {
    const auto* endpoint = p.scheduler().cluster().view.endpoint(job);
    return endpoint && endpoint->state == state;
  });
}

PLATFORM_TEST(Scale, DownEndsContainersOnlyWhenTheirRequestsAreDone) {
  co_await p.scheduler().publish_app(kShop, 1);
  co_await deploy(p, 2, 2);
  const auto leaving = JobName::parse("shop_v2.web.2");
  const auto address = p.scheduler().cluster().view.endpoint(leaving)->address;
  p.router->set_in_flight(address, 1);

  co_await end(p, leaving);
  EXPECT_EQ(p.router->table("shop").size(), 1u);
  const auto route = co_await p.route("shop");
  EXPECT_EQ(route, R"({"release":2,"draining":["shop_v2.web.2"]})");
  const int asked = p.router->asked();
  co_await p.until([&] { return p.router->asked() > asked + 2; });
  EXPECT_TRUE(p.jobs().contains("shop_v2.web.2"));

  p.router->set_in_flight(address, 0);
  co_await until_retired(p);
  EXPECT_EQ(p.jobs(), std::set<std::string>{"shop_v2.web.1"});
  const auto clean = co_await p.route("shop");
  EXPECT_EQ(clean, R"({"release":2})");
}

PLATFORM_TEST(Scale, DownGivesUpOnARequestThatNeverEnds) {
  co_await p.scheduler().publish_app(kShop, 1);
  co_await deploy(p, 2, 2);
  const auto leaving = JobName::parse("shop_v2.web.2");
  p.scheduler().cluster().options.drain_within = std::chrono::milliseconds(100);
  p.router->set_in_flight(p.scheduler().cluster().view.endpoint(leaving)->address, 1);
  co_await end(p, leaving);
  co_await until_retired(p);
  EXPECT_EQ(p.jobs(), std::set<std::string>{"shop_v2.web.1"});
}

PLATFORM_TEST(Scale, UpKeepsContainersThatWereAboutToEnd) {
  co_await p.scheduler().publish_app(kShop, 1);
  co_await deploy(p, 2, 2);
  const auto leaving = JobName::parse("shop_v2.web.2");
  const auto before = p.router->table("shop");
  p.router->set_in_flight(p.scheduler().cluster().view.endpoint(leaving)->address, 1);
  co_await end(p, leaving);
  std::vector<JobSpec> again(1, web(2, 2)[1]);
  co_await p.scheduler().roll_out(plan_of(2, again, {}));
  EXPECT_EQ(p.router->table("shop"), before);
  co_await until_retired(p);
  EXPECT_EQ(p.jobs().size(), 2u);
}

PLATFORM_TEST(Scale, FailingUpLeavesTheContainersThatWereThere) {
  co_await p.scheduler().publish_app(kShop, 1);
  co_await deploy(p, 2, 1);
  p.engine.script(JobName::parse("shop_v2.web.3"), MemoryEngine::Script{.crash = true});
  auto more = web(2, 3);
  more.erase(more.begin());
  const auto reason = co_await failure_of(p, plan_of(2, more, {}));
  EXPECT_THAT(reason, StartsWith("aborting, app containers failed to respond to health check"));
  co_await until_retired(p);
  EXPECT_EQ(p.jobs(), std::set<std::string>{"shop_v2.web.1"});
  const auto route = co_await p.route("shop");
  EXPECT_EQ(route, R"({"release":2})");
}

PLATFORM_TEST(Scale, RetriesARemovalThatFails) {
  co_await p.scheduler().publish_app(kShop, 1);
  co_await deploy(p, 2, 2);
  const auto leaving = JobName::parse("shop_v2.web.2");
  p.engine.script(leaving, MemoryEngine::Script{.refuse_remove = true});
  co_await end(p, leaving);
  EXPECT_TRUE(p.jobs().contains("shop_v2.web.2"));
  p.engine.script(leaving, MemoryEngine::Script{});
  co_await until_retired(p);
  EXPECT_FALSE(p.jobs().contains("shop_v2.web.2"));
}

PLATFORM_TEST(Restart, ReplacesAllContainersWithoutAGap) {
  co_await p.scheduler().publish_app(kShop, 1);
  co_await deploy(p, 2, 3);
  const auto before = p.router->table("shop");
  RestartPlan plan{.jobs = names_of(web(2, 3))};
  co_await p.scheduler().restart(std::move(plan));
  co_await p.until([&] { return p.router->table("shop").size() == 3; });
  for (const auto& address : p.router->table("shop")) EXPECT_FALSE(before.contains(address));
  const auto route = co_await p.route("shop");
  EXPECT_EQ(route, R"({"release":2})");
}

PLATFORM_TEST(Restart, OfSomethingUnknownIsNothing) {
  co_await p.scheduler().publish_app(kShop, 1);
  RestartPlan plan{.jobs = names_of(web(7, 1))};
  co_await p.scheduler().restart(std::move(plan));
}

Task<> create_in(Engine& engine, JobSpec job) {
  co_await engine.create(std::move(job), Deadline::max());
}

// Swarm's managers hear of a running container up to a second after its publisher has seen it serve.
PLATFORM_TEST(Status, OfAContainerThatServesIsUpAlthoughTheEngineStillSaysCreated) {
  p.engine.set_start_time(std::chrono::minutes(5));
  p.controller->group.spawn(create_in(p.engine, web(2, 1).front()));
  co_await p.until([&p] { return !p.jobs().empty(); });
  const auto before = co_await p.scheduler().status(kShop);
  CO_ASSERT_EQ(before.size(), 1u);
  EXPECT_EQ(before[0].state, JobState::created);

  co_await publish(p, "starting");
  const auto starting = co_await p.scheduler().status(kShop);
  EXPECT_EQ(starting.at(0).state, JobState::created);
  co_await publish(p, "up");
  const auto serving = co_await p.scheduler().status(kShop);
  EXPECT_EQ(serving.at(0).state, JobState::up);
}

PLATFORM_TEST(Status, OfAContainerThatCrashedIsNotUpWhateverIsStillPublished) {
  p.engine.script(JobName::parse("shop_v2.web.1"), MemoryEngine::Script{.crash = true});
  const JobSpec job = web(2, 1).front();
  co_await p.engine.create(job, Deadline::max());
  co_await publish(p, "up");
  const auto crashed = co_await p.scheduler().status(kShop);
  EXPECT_EQ(crashed.at(0).state, JobState::crashed);
}

}  // namespace
}  // namespace deis::controller::test
