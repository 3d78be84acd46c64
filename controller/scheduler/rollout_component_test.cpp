// Roll-outs against a real etcd (platform_fixture.h also checks that no request was lost in any of these).

#include "controller/scheduler/platform_fixture.h"
#include "core/base/error.h"
#include "core/net/co_test.h"

#include <gmock/gmock.h>

namespace deis::controller::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

PLATFORM_TEST(RollOut, AnswersWhenTheRouterServesTheFirstRelease) {
  co_await p.scheduler().publish_app(kShop, 1);
  co_await deploy(p, 2, 2);
  EXPECT_EQ(p.router->table("shop").size(), 2u);
  const auto route = co_await p.route("shop");
  EXPECT_EQ(route, R"({"release":2})");
}

PLATFORM_TEST(RollOut, ReplacesTheReleaseBeforeAndEndsIt) {
  co_await p.scheduler().publish_app(kShop, 1);
  co_await deploy(p, 2, 2);
  const auto before = p.router->table("shop");
  co_await deploy(p, 3, 2);
  EXPECT_EQ(p.router->table("shop").size(), 2u);
  EXPECT_NE(p.router->table("shop"), before);
  co_await until_retired(p);
  EXPECT_EQ(p.jobs(), (std::set<std::string>{"shop_v3.web.1", "shop_v3.web.2"}));
}

PLATFORM_TEST(RollOut, MovesTheRouteOfAnAppThatRunsNothing) {
  co_await p.scheduler().publish_app(kShop, 1);
  co_await p.scheduler().roll_out(plan_of(2, {}, {}));
  const auto route = co_await p.route("shop");
  EXPECT_EQ(route, R"({"release":2})");
}

PLATFORM_TEST(RollOut, WaitsForOtherTypesToRunForAWhile) {
  co_await p.scheduler().publish_app(kShop, 1);
  const auto workers = release_of("shop", 2, "worker", 1);
  p.publisher->say(workers[0].name, "failing", "no port");
  co_await p.scheduler().roll_out(plan_of(2, workers, {}));
  EXPECT_EQ(p.jobs().size(), 1u);
}

PLATFORM_TEST(RollOut, FailsFastWhenAContainerCrashesAndKeepsTheOldRelease) {
  co_await p.scheduler().publish_app(kShop, 1);
  co_await deploy(p, 2, 1);
  const auto before = p.router->table("shop");
  MemoryEngine::Script script{.crash = true, .exit_code = 42, .log = "starting\nno such file: app.rb\n"};
  p.engine.script(JobName::parse("shop_v3.web.1"), script);

  const auto reason = co_await failure_of(p, plan_of(3, web(3, 1), names_of(web(2, 1))));
  EXPECT_THAT(reason, StartsWith("aborting, app containers failed to respond to health check"));
  EXPECT_THAT(reason, HasSubstr("exited with code 42"));
  EXPECT_THAT(reason, HasSubstr("no such file: app.rb"));
  co_await until_retired(p);
  EXPECT_EQ(p.jobs(), std::set<std::string>{"shop_v2.web.1"});
  EXPECT_EQ(p.router->table("shop"), before);
  const auto route = co_await p.route("shop");
  EXPECT_EQ(route, R"({"release":2})");
}

PLATFORM_TEST(RollOut, TellsThreeAttemptsAndTheLastProbeResultWhenTheTimeIsOver) {
  co_await p.scheduler().publish_app(kShop, 1);
  const auto job = JobName::parse("shop_v2.web.1");
  p.publisher->say(job, "starting", "got '404', expected: '200'", 1);
  std::vector<std::string> told;
  int attempts = 1;
  auto plan = plan_of(2, web(2, 1), {});
  plan.tell = [&](const std::string& line) {
    told.push_back(line);
    ++attempts;
    p.publisher->say(job, attempts > 3 ? "failing" : "starting", "got '404', expected: '200'", attempts);
  };
  const auto reason = co_await failure_of(p, std::move(plan));
  EXPECT_THAT(
      reason, StartsWith("aborting, app containers failed to respond to health check: shop_v2.web.1: "));
  EXPECT_THAT(reason, HasSubstr("got '404', expected: '200'"));
  const std::string last = "app failed health check (got '404', expected: '200')";
  const std::string first = last + "; trying again in 0.0 seconds";
  EXPECT_EQ(told, (std::vector<std::string>{first, first, first, last}));
}

PLATFORM_TEST(RollOut, GivesUpWhenTheTimeIsOverWhateverThePublisherSays) {
  co_await p.scheduler().publish_app(kShop, 1);
  p.scheduler().cluster().options.healthy_within = std::chrono::milliseconds(300);
  p.publisher->say(JobName::parse("shop_v2.web.1"), "starting", "port 5000: connection refused");
  std::vector<std::string> told;
  auto plan = plan_of(2, web(2, 1), {});
  plan.tell = [&](const std::string& line) { told.push_back(line); };
  const auto reason = co_await failure_of(p, std::move(plan));
  EXPECT_THAT(reason, HasSubstr("port 5000: connection refused"));
  EXPECT_EQ(told, std::vector<std::string>{"app failed health check (port 5000: connection refused)"});
}

PLATFORM_TEST(RollOut, SwitchesTheAllowListOfTheConfigWithTheRelease) {
  co_await p.scheduler().publish_app(kShop, 1);
  auto plan = plan_of(2, web(2, 1), {});
  plan.config_allowlist = std::vector<IpNetwork>(1, IpNetwork::parse("10.0.0.0/8"));
  co_await p.scheduler().roll_out(plan);
  const auto switched = co_await p.route("shop");
  EXPECT_EQ(switched, R"({"release":2,"config_allowlist":["10.0.0.0/8"]})");

  p.router->stall();
  p.scheduler().cluster().options.routers_within = std::chrono::milliseconds(100);
  auto next = plan_of(3, web(3, 1), names_of(web(2, 1)));
  next.config_allowlist.emplace();
  co_await failure_of(p, std::move(next));
  const auto undone = co_await p.route("shop");
  EXPECT_EQ(undone, switched);
  p.router->resume();
}

PLATFORM_TEST(RollOut, RemovesAllWhenSomeCannotBeCreated) {
  co_await p.scheduler().publish_app(kShop, 1);
  p.engine.script(JobName::parse("shop_v2.web.2"), MemoryEngine::Script{.refuse_create = true});
  const auto reason = co_await failure_of(p, plan_of(2, web(2, 3), {}));
  EXPECT_THAT(reason, StartsWith("aborting, failed to create some containers: "));
  co_await until_retired(p);
  EXPECT_TRUE(p.jobs().empty());
}

PLATFORM_TEST(RollOut, KeepsContainersThatCrashWhenThePlanSaysSo) {
  co_await p.scheduler().publish_app(kShop, 1);
  co_await deploy(p, 2, 1);
  p.engine.script(JobName::parse("shop_v2.web.2"), MemoryEngine::Script{.crash = true});
  std::vector<JobSpec> more{release_of("shop", 2, "web", 2)[1]};
  auto plan = plan_of(2, std::move(more), {});
  plan.keeps_crashed = true;
  co_await p.scheduler().roll_out(std::move(plan));
  EXPECT_EQ(p.jobs(), (std::set<std::string>{"shop_v2.web.1", "shop_v2.web.2"}));
  EXPECT_EQ(p.router->table("shop").size(), 1u);
}

PLATFORM_TEST(RollOut, TellsWhichContainersCannotBeEndedAndLeavesThemInService) {
  co_await p.scheduler().publish_app(kShop, 1);
  co_await deploy(p, 2, 3);
  p.engine.script(JobName::parse("shop_v2.web.3"), MemoryEngine::Script{.refuse_remove = true});
  const auto jobs = names_of(web(2, 3));
  std::vector<JobName> retire{jobs[1], jobs[2]};
  auto plan = plan_of(2, {}, std::move(retire));
  plan.waits_for_ends = true;
  std::vector<JobName> left;
  try {
    co_await p.scheduler().roll_out(std::move(plan));
  } catch (const NotEnded& error) {
    left = error.jobs();
    EXPECT_EQ(error.summary(), "aborting, failed to destroy some containers");
  }
  EXPECT_EQ(left, (std::vector<JobName>{jobs[2]}));
  co_await until_retired(p);
  EXPECT_EQ(p.jobs(), (std::set<std::string>{"shop_v2.web.1", "shop_v2.web.3"}));
  const auto route = co_await p.route("shop");
  EXPECT_EQ(route, R"({"release":2})");
}

PLATFORM_TEST(RollOut, DoesNotBelieveAnEndpointOfAnEarlierContainerOfTheSameName) {
  co_await p.scheduler().publish_app(kShop, 1);
  // Left over: a release 2 that was withdrawn, whose endpoint is still published.
  co_await p.etcd().put(
      "/deis/services/shop/shop_v2.web.1",
      R"({"container":"old","address":"172.30.9.9","port":5000,"state":"up"})",
      in(std::chrono::seconds(5)));
  co_await p.until([&] { return p.scheduler().cluster().view.has_endpoints(kShop); });
  p.scheduler().cluster().options.healthy_within = std::chrono::milliseconds(300);
  p.publisher->say(JobName::parse("shop_v2.web.1"), "failing", "connection refused");
  const auto reason = co_await failure_of(p, plan_of(2, web(2, 1), {}));
  EXPECT_THAT(reason, HasSubstr("failed to respond to health check"));
}

PLATFORM_TEST(RollOut, ReplacesLeftoversOfAnUnfinishedAttempt) {
  co_await p.scheduler().publish_app(kShop, 1);
  co_await deploy(p, 2, 1);
  auto abandoned = web(3, 1);
  abandoned[0].image = "localhost:5000/shop:git-abandoned";
  co_await p.engine.create(abandoned[0], Deadline::max());
  co_await p.scheduler().roll_out(plan_of(3, web(3, 1), names_of(web(2, 1))));
  CO_ASSERT_TRUE(p.engine.spec(abandoned[0].name) != nullptr);
  EXPECT_EQ(p.engine.spec(abandoned[0].name)->image, "localhost:5000/shop:git-1");
}

PLATFORM_TEST(RollOut, DoesNotTakeALateContainerOfAnAttemptBeforeForItsOwn) {
  co_await p.scheduler().publish_app(kShop, 1);
  co_await deploy(p, 2, 1);
  const auto job = web(3, 1).at(0).name;
  p.publisher->say(job, "starting", "");
  const auto result = std::make_shared<RollingOut>();
  net::TaskGroup group(p.executor);
  group.spawn(roll_out_into(p, plan_of(3, web(3, 1), names_of(web(2, 1))), result));
  co_await p.until([&] { return !p.address(job.str()).empty(); });
  co_await p.etcd().put(
      "/deis/services/shop/" + job.str(),
      R"({"container":"late","service":"gone","address":"172.30.9.9","port":5000,"state":"up","detail":""})",
      in(std::chrono::seconds(5)));
  co_await p.until([&] { return p.address(job.str()) == "172.30.9.9:5000"; });
  for (int i = 0; i < 5; ++i) {
    const auto route = co_await p.route("shop");
    EXPECT_EQ(route, R"({"release":2})");
  }
  EXPECT_FALSE(result->over);
  p.publisher->say(job, "up", "");
  co_await group.join();
  EXPECT_EQ(result->failure, "");
  EXPECT_NE(p.address(job.str()), "172.30.9.9:5000");
}

PLATFORM_TEST(RollOut, LetsRequestsOfAnUnfinishedAttemptFinishBeforeItReplacesIt) {
  co_await p.scheduler().publish_app(kShop, 1);
  co_await deploy(p, 2, 1);
  p.scheduler().cluster().options.drain_within = std::chrono::minutes(10);
  const auto abandoned = web(3, 1).at(0);
  co_await p.engine.create(abandoned, Deadline::max());
  co_await p.until([&] { return !p.address(abandoned.name.str()).empty(); });
  const std::string address = p.address(abandoned.name.str());
  p.router->set_in_flight(address, 1);
  const auto result = std::make_shared<RollingOut>();
  net::TaskGroup group(p.executor);
  group.spawn(roll_out_into(p, plan_of(3, web(3, 1), names_of(web(2, 1))), result));
  co_await p.until([&] { return p.router->asked_about().contains(address); });
  EXPECT_EQ(p.address(abandoned.name.str()), address);
  EXPECT_FALSE(result->over);
  p.router->set_in_flight(address, 0);
  co_await group.join();
  EXPECT_NE(p.address(abandoned.name.str()), address);
}

}  // namespace
}  // namespace deis::controller::test
