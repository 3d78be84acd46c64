// A canary beside the live release, against a real etcd: in the route, out of it, promoted, and when the
// controller dies in between (platform_fixture.h also checks that no request was lost in any of these).

#include "controller/scheduler/platform_fixture.h"
#include "core/base/error.h"
#include "core/net/co_test.h"

#include <gmock/gmock.h>

namespace deis::controller::test {
namespace {

using testing::HasSubstr;

using Names = std::set<std::string>;
constexpr auto kWithCanary = R"({"release":2,"canary":{"release":3,"weight":10}})";

// Release 2 serves with two containers.
Task<> deploy_release_2(Platform& p) {
  co_await p.scheduler().publish_app(kShop, 1);
  co_await p.scheduler().roll_out(plan_of(2, web(2, 2), {}));
  p.wanted.assign(1, WantedApp{.app = kShop, .release = 2, .jobs = web(2, 2)});
}

RolloutPlan canary_plan(int weight, std::vector<JobSpec> start, std::vector<JobName> retire = {}) {
  auto plan = plan_of(2, std::move(start), std::move(retire));
  plan.canary = Canary{.release = 3, .weight = weight};
  return plan;
}

// Release 3 is its canary; PostgreSQL agrees.
Task<> begin_canary(Platform& p, int count) {
  co_await p.scheduler().roll_out(canary_plan(10, web(3, count)));
  p.wanted[0].canary = Canary{.release = 3, .weight = 10};
  p.wanted[0].canary_jobs = web(3, count);
}

Task<> expect_route(Platform& p, std::string text) {
  const auto route = co_await p.route("shop");
  EXPECT_EQ(route, text);
}

Task<std::string> failure_of(Task<> work) {
  try {
    co_await std::move(work);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::unavailable);
    co_return error.what();
  }
  co_return "";
}

PLATFORM_TEST(CanaryRollOut, ServesBesideTheLiveReleaseWhenItIsAnswered) {
  co_await deploy_release_2(p);
  co_await begin_canary(p, 1);
  co_await expect_route(p, kWithCanary);
  EXPECT_EQ(p.router->table("shop").size(), 3u);
  EXPECT_EQ(p.jobs(), (Names{"shop_v2.web.1", "shop_v2.web.2", "shop_v3.web.1"}));
}

PLATFORM_TEST(CanaryRollOut, OfAnotherWeightChangesOnlyTheRoute) {
  co_await deploy_release_2(p);
  co_await begin_canary(p, 1);
  const auto before = p.router->table("shop");
  co_await p.scheduler().roll_out(canary_plan(50, {}));
  co_await expect_route(p, R"({"release":2,"canary":{"release":3,"weight":50}})");
  EXPECT_EQ(p.router->table("shop"), before);
}

PLATFORM_TEST(CanaryRollOut, OfMoreOrFewerContainersKeepsTheOthers) {
  co_await deploy_release_2(p);
  co_await begin_canary(p, 1);
  const auto first = p.address("shop_v3.web.1");
  std::vector<JobSpec> more(1, web(3, 2)[1]);
  co_await p.scheduler().roll_out(canary_plan(10, std::move(more)));
  EXPECT_EQ(p.router->table("shop").size(), 4u);
  EXPECT_EQ(p.address("shop_v3.web.1"), first);
  const auto leaving = p.address("shop_v3.web.2");
  p.router->set_in_flight(leaving, 1);
  std::vector<JobName> fewer(1, names_of(web(3, 2))[1]);
  co_await p.scheduler().roll_out(canary_plan(10, {}, std::move(fewer)));
  EXPECT_FALSE(p.router->table("shop").contains(leaving));
  EXPECT_TRUE(p.jobs().contains("shop_v3.web.2"));
  p.router->set_in_flight(leaving, 0);
  co_await until_retired(p);
  EXPECT_EQ(p.jobs(), (Names{"shop_v2.web.1", "shop_v2.web.2", "shop_v3.web.1"}));
  co_await expect_route(p, kWithCanary);
}

PLATFORM_TEST(CanaryRollOut, ThatDoesNotComeUpLeavesTheLiveReleaseAlone) {
  co_await deploy_release_2(p);
  const auto before = p.router->table("shop");
  p.engine.script(JobName::parse("shop_v3.web.1"), MemoryEngine::Script{.crash = true});
  const auto reason = co_await failure_of(p.scheduler().roll_out(canary_plan(10, web(3, 1))));
  EXPECT_THAT(reason, HasSubstr("failed to respond to health check"));
  co_await until_retired(p);
  co_await expect_route(p, R"({"release":2})");
  EXPECT_EQ(p.router->table("shop"), before);
  EXPECT_EQ(p.jobs(), (Names{"shop_v2.web.1", "shop_v2.web.2"}));
}

PLATFORM_TEST(CanaryRollOut, ThatARouterDoesNotFollowGoesBackToTheWeightBefore) {
  co_await deploy_release_2(p);
  co_await begin_canary(p, 1);
  p.scheduler().cluster().options.routers_within = std::chrono::milliseconds(100);
  p.router->stall();
  const auto reason = co_await failure_of(p.scheduler().roll_out(canary_plan(90, {})));
  EXPECT_THAT(reason, HasSubstr("router r1 has applied revision"));
  co_await expect_route(p, kWithCanary);
  p.router->resume();
}

PLATFORM_TEST(CanaryRollOut, StaysWhenTheLiveReleaseIsScaled) {
  co_await deploy_release_2(p);
  co_await begin_canary(p, 1);
  std::vector<JobSpec> more(1, web(2, 3)[2]);
  co_await p.scheduler().roll_out(plan_of(2, std::move(more), {}));
  EXPECT_EQ(p.router->table("shop").size(), 4u);
  co_await p.scheduler().roll_out(plan_of(2, {}, names_of(web(2, 3))));
  co_await until_retired(p);
  EXPECT_EQ(p.jobs(), Names{"shop_v3.web.1"});
  co_await expect_route(p, kWithCanary);
}

PLATFORM_TEST(CanaryEnd, LeavesTheRoutersFirstAndEndsWhenItsRequestsAreDone) {
  co_await deploy_release_2(p);
  co_await begin_canary(p, 1);
  const auto address = p.address("shop_v3.web.1");
  p.router->set_in_flight(address, 1);
  co_await p.scheduler().end_canary(kShop, names_of(web(3, 1)), nullptr);
  co_await expect_route(p, R"({"release":2})");
  EXPECT_FALSE(p.router->table("shop").contains(address));
  EXPECT_TRUE(p.jobs().contains("shop_v3.web.1"));
  p.router->set_in_flight(address, 0);
  co_await until_retired(p);
  EXPECT_EQ(p.jobs(), (Names{"shop_v2.web.1", "shop_v2.web.2"}));
}

PLATFORM_TEST(CanaryEnd, NamesARouterThatHangsAndGoesOnBehindTheAnswer) {
  co_await deploy_release_2(p);
  co_await begin_canary(p, 1);
  p.scheduler().cluster().options.routers_within = std::chrono::milliseconds(100);
  p.router->stall();
  const auto reason = co_await failure_of(p.scheduler().end_canary(kShop, names_of(web(3, 1)), nullptr));
  EXPECT_THAT(reason, HasSubstr("router r1 has applied revision"));
  co_await expect_route(p, R"({"release":2})");
  EXPECT_TRUE(p.jobs().contains("shop_v3.web.1")) << "r1 may still send to it";
  p.router->resume();
  co_await until_retired(p);
  EXPECT_EQ(p.jobs(), (Names{"shop_v2.web.1", "shop_v2.web.2"}));
}

PLATFORM_TEST(CanaryPromotion, SwitchesToTheNewReleaseAndEndsBothOthers) {
  co_await deploy_release_2(p);
  co_await begin_canary(p, 1);
  auto retire = names_of(web(2, 2));
  retire.push_back(names_of(web(3, 1))[0]);
  auto plan = plan_of(4, web(4, 2), std::move(retire));
  plan.canary = Canary();
  co_await p.scheduler().roll_out(std::move(plan));
  co_await expect_route(p, R"({"release":4})");
  EXPECT_EQ(p.router->table("shop").size(), 2u);
  co_await until_retired(p);
  EXPECT_EQ(p.jobs(), (Names{"shop_v4.web.1", "shop_v4.web.2"}));
}

PLATFORM_TEST(CanaryReconciler, DoesNothingWhenAllIsAsWanted) {
  co_await deploy_release_2(p);
  co_await begin_canary(p, 1);
  const bool settled = co_await p.controller->reconciler.pass();
  EXPECT_TRUE(settled);
}

PLATFORM_TEST(CanaryReconciler, BringsRouteAndContainersBackAfterARestartOfTheController) {
  co_await deploy_release_2(p);
  co_await begin_canary(p, 2);
  co_await p.engine.remove(JobName::parse("shop_v3.web.2"), Deadline::max());
  p.sent_to_dead = 0;  // nobody was asked
  co_await p.etcd().put("/deis/apps/shop", R"({"release":2})", in(std::chrono::seconds(5)));
  co_await p.kill_controller();
  co_await p.settle();
  co_await expect_route(p, kWithCanary);
  EXPECT_EQ(p.jobs().size(), 4u);
  co_await p.until([&] { return p.router->table("shop").size() == 4; });
}

PLATFORM_TEST(CanaryReconciler, EndsACanaryThatNobodyWantsAnyMore) {
  co_await deploy_release_2(p);
  co_await begin_canary(p, 1);
  p.wanted[0].canary = Canary();
  p.wanted[0].canary_jobs.clear();
  co_await p.kill_controller();
  co_await p.settle();
  co_await expect_route(p, R"({"release":2})");
  EXPECT_EQ(p.jobs(), (Names{"shop_v2.web.1", "shop_v2.web.2"}));
}

// The row comes after the roll-out: what was begun is undone by the next controller.
PLATFORM_TEST(CanaryReconciler, UndoesACanaryWhoseControllerDiedBeforeItWasWritten) {
  co_await deploy_release_2(p);
  co_await p.scheduler().roll_out(canary_plan(10, web(3, 1)));
  co_await p.kill_controller();
  co_await p.settle();
  co_await expect_route(p, R"({"release":2})");
  EXPECT_EQ(p.jobs(), (Names{"shop_v2.web.1", "shop_v2.web.2"}));
}

PLATFORM_TEST(CanaryReconciler, GoesBackToTheCanaryWhenAPromotionDiedBeforeItWasWritten) {
  co_await deploy_release_2(p);
  co_await begin_canary(p, 1);
  auto plan = plan_of(4, web(4, 2), {});
  plan.canary = Canary();
  co_await p.scheduler().roll_out(std::move(plan));
  co_await p.kill_controller();
  co_await p.settle();
  co_await expect_route(p, kWithCanary);
  EXPECT_EQ(p.jobs(), (Names{"shop_v2.web.1", "shop_v2.web.2", "shop_v3.web.1"}));
}

}  // namespace
}  // namespace deis::controller::test
