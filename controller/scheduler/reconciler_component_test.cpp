// The reconciler against a real etcd, and what becomes of a roll-out whose controller dies in each of its
// phases.

#include "controller/scheduler/platform_fixture.h"
#include "core/base/error.h"
#include "core/net/co_test.h"

namespace deis::controller::test {
namespace {

WantedApp shop(int release, int count) {
  return WantedApp{.app = kShop, .release = release, .jobs = web(release, count)};
}

std::set<std::string> expected(int release, int count) {
  std::set<std::string> names;
  for (const auto& job : web(release, count)) names.insert(job.name.str());
  return names;
}

Task<> expect_shop(Platform& p, int release, int count) {
  EXPECT_EQ(p.jobs(), expected(release, count));
  const auto route = co_await p.route("shop");
  EXPECT_EQ(route, "{\"release\":" + std::to_string(release) + "}");
  co_await p.until([&] { return p.router->table("shop").size() == static_cast<std::size_t>(count); });
}

// Release 2 serves; PostgreSQL agrees.
Task<> serve_release_2(Platform& p) {
  co_await p.scheduler().publish_app(kShop, 1);
  co_await p.scheduler().roll_out(plan_of(2, web(2, 2), {}));
  p.wanted.assign(1, shop(2, 2));
}

Task<> swallow(Task<> task) {
  try {
    co_await std::move(task);
  } catch (const std::exception&) {
  }
}

Task<bool> third_time(std::shared_ptr<int> times) {
  co_return ++*times >= 3;
}

Task<> settle_once(Platform& p) {
  co_await p.controller->reconciler.pass();
}

// Begins the roll-out of release 3 as an operation of the controller.
void begin_release_3(Platform& p) {
  p.controller->group.spawn(swallow(p.scheduler().roll_out(plan_of(3, web(3, 2), names_of(web(2, 2))))));
}

void hold_back_release_3(Platform& p) {
  for (const auto& job : web(3, 2)) p.publisher->say(job.name, "starting", "");
}

PLATFORM_TEST(Reconciler, DoesNothingWhenAllIsAsWanted) {
  co_await serve_release_2(p);
  const bool settled = co_await p.controller->reconciler.pass();
  EXPECT_TRUE(settled);
}

PLATFORM_TEST(Reconciler, BringsEverythingUpFromNothing) {
  p.wanted.assign(1, shop(2, 2));
  p.wanted[0].domains.assign(1, "www.shop.example");
  co_await p.settle();
  co_await expect_shop(p, 2, 2);
  const auto domain = co_await p.etcd().get("/deis/domains/www.shop.example", in(std::chrono::seconds(5)));
  CO_ASSERT_TRUE(domain.has_value());
  EXPECT_EQ(domain->value, R"({"app":"shop"})");
}

PLATFORM_TEST(Reconciler, WritesPoliciesAgainThatEtcdHasLost) {
  co_await serve_release_2(p);
  p.wanted[0].policy.maintenance = "Soon";
  p.wanted[0].config_allowlist.assign(1, IpNetwork::parse("10.0.0.0/8"));
  const std::string whole =
      R"({"release":2,"maintenance":{"message":"Soon"},"config_allowlist":["10.0.0.0/8"]})";
  co_await p.settle();
  const auto first = co_await p.route("shop");
  EXPECT_EQ(first, whole);
  co_await p.etcd().erase("/deis/apps/shop", in(std::chrono::seconds(5)));
  co_await p.settle();
  const auto second = co_await p.route("shop");
  EXPECT_EQ(second, whole);
  p.wanted[0].policy = {};
  p.wanted[0].config_allowlist.clear();
  co_await p.settle();
  const auto third = co_await p.route("shop");
  EXPECT_EQ(third, R"({"release":2})");
}

PLATFORM_TEST(Reconciler, StartsWhatIsMissingAndEndsWhatIsTooMuch) {
  co_await serve_release_2(p);
  p.wanted.assign(1, shop(2, 1));
  co_await p.settle();
  co_await expect_shop(p, 2, 1);
  p.wanted.assign(1, shop(2, 3));
  co_await p.settle();
  co_await expect_shop(p, 2, 3);
}

PLATFORM_TEST(Reconciler, WritesRoutesThatEtcdLost) {
  co_await serve_release_2(p);
  co_await p.etcd().erase("/deis/apps/shop", in(std::chrono::seconds(5)));
  co_await p.settle();
  co_await expect_shop(p, 2, 2);
}

PLATFORM_TEST(Reconciler, LeavesABusyAppAlone) {
  co_await serve_release_2(p);
  p.wanted.assign(1, shop(2, 1));
  p.controller->busy.insert("shop");
  co_await p.controller->reconciler.pass();
  EXPECT_EQ(p.jobs().size(), 2u);
  p.controller->busy.clear();
  co_await p.settle();
  EXPECT_EQ(p.jobs().size(), 1u);
}

PLATFORM_TEST(Reconciler, RemovesNothingWhenTheDatabaseCannotBeRead) {
  co_await serve_release_2(p);
  p.wanted.clear();
  p.wanted_readable = false;
  for (int i = 0; i < 3; ++i) {
    bool failed = false;
    try {
      co_await p.controller->reconciler.pass();
    } catch (const Error&) {
      failed = true;
    }
    EXPECT_TRUE(failed);
  }
  EXPECT_EQ(p.jobs().size(), 2u);
}

PLATFORM_TEST(Reconciler, RemovesWhatNobodyKnowsAfterTwoLooks) {
  co_await p.engine.create(release_of("ghost", 2, "worker", 1)[0], Deadline::max());
  co_await p.engine.create(release_of("shop", 2, "run", 1)[0], Deadline::max());
  co_await p.scheduler().publish_app(AppId::parse("ghost"), 2);
  co_await p.controller->reconciler.pass();
  EXPECT_EQ(p.jobs().size(), 2u);
  co_await p.controller->reconciler.pass();
  EXPECT_TRUE(p.jobs().empty());
  const auto route = co_await p.route("ghost");
  EXPECT_EQ(route, "");
}

PLATFORM_TEST(Reconciler, WaitsForTheWantedReleaseToBeHealthyBeforeTheOldOneEnds) {
  co_await serve_release_2(p);
  hold_back_release_3(p);
  p.wanted.assign(1, shop(3, 2));
  for (int i = 0; i < 3; ++i) co_await p.controller->reconciler.pass();
  EXPECT_EQ(p.jobs().size(), 4u);
  for (const auto& job : web(3, 2)) p.publisher->say(job.name, "up", "");
  co_await p.settle();
  co_await expect_shop(p, 3, 2);
}

PLATFORM_TEST(Reconciler, IsNotSettledAsLongAsADestructionIsNotFinished) {
  co_await serve_release_2(p);
  auto looks = std::make_shared<int>(0);
  p.controller->reconciler.also_finish([looks]() { return third_time(looks); });
  for (int i = 1; i <= 3; ++i) {
    const bool settled = co_await p.controller->reconciler.pass();
    EXPECT_EQ(settled, i == 3);
  }
  p.wanted_readable = false;
  co_await swallow(settle_once(p));
  EXPECT_EQ(*looks, 3) << "without PostgreSQL nobody knows what shall be destroyed";
}

PLATFORM_TEST(Reconciler, RunsUntilItIsStopped) {
  p.wanted.assign(1, shop(2, 1));
  p.controller->group.spawn(p.controller->reconciler.run());
  co_await p.until([&] { return p.router->table("shop").size() == 1; });
  p.wanted.assign(1, shop(2, 2));
  p.controller->reconciler.notify();
  co_await p.until([&] { return p.router->table("shop").size() == 2; });
}

PLATFORM_TEST(KilledController, WhileContainersStartKeepsTheOldRelease) {
  co_await serve_release_2(p);
  hold_back_release_3(p);
  begin_release_3(p);
  co_await p.until([&] { return p.jobs().size() == 4; });
  co_await p.kill_controller();
  co_await p.settle();  // PostgreSQL never heard of release 3
  co_await expect_shop(p, 2, 2);
}

PLATFORM_TEST(KilledController, BetweenSwitchAndAnswerGoesBack) {
  co_await serve_release_2(p);
  p.router->stall();
  begin_release_3(p);
  bool switched = false;
  while (!switched) {
    const auto route = co_await p.route("shop");
    switched = route == R"({"release":3})";
  }
  co_await p.kill_controller();
  p.router->resume();
  co_await p.settle();
  co_await expect_shop(p, 2, 2);
}

PLATFORM_TEST(KilledController, AfterTheAnswerEndsTheOldReleaseLater) {
  co_await serve_release_2(p);
  for (const auto& job : web(2, 2))
    p.router->set_in_flight(p.scheduler().cluster().view.endpoint(job.name)->address, 1);
  co_await p.scheduler().roll_out(plan_of(3, web(3, 2), names_of(web(2, 2))));
  p.wanted.assign(1, shop(3, 2));
  EXPECT_EQ(p.jobs().size(), 4u);
  co_await p.kill_controller();
  EXPECT_EQ(p.jobs().size(), 4u);
  p.router->set_in_flight("172.30.0.1:5000", 0);
  p.router->set_in_flight("172.30.0.2:5000", 0);
  co_await p.settle();
  co_await expect_shop(p, 3, 2);
}

PLATFORM_TEST(KilledController, AfterTheAnswerButBeforePostgresqlGoesBack) {
  co_await serve_release_2(p);
  co_await p.scheduler().roll_out(plan_of(3, web(3, 2), names_of(web(2, 2))));
  co_await p.kill_controller();
  co_await p.settle();
  co_await expect_shop(p, 2, 2);
}

PLATFORM_TEST(KilledController, WhileScalingDownFinishesIt) {
  co_await serve_release_2(p);
  const auto leaving = JobName::parse("shop_v2.web.2");
  p.router->set_in_flight(p.scheduler().cluster().view.endpoint(leaving)->address, 1);
  co_await end(p, leaving);
  p.wanted.assign(1, shop(2, 1));
  co_await p.kill_controller();
  p.router->set_in_flight("172.30.0.1:5000", 0);
  p.router->set_in_flight("172.30.0.2:5000", 0);
  co_await p.settle();
  co_await expect_shop(p, 2, 1);
}

PLATFORM_TEST(KilledController, WhileScalingDownThatWasNotWrittenPutsThemBackIntoService) {
  co_await serve_release_2(p);
  const auto leaving = JobName::parse("shop_v2.web.2");
  p.router->set_in_flight(p.scheduler().cluster().view.endpoint(leaving)->address, 1);
  co_await end(p, leaving);
  co_await p.kill_controller();
  co_await p.settle();
  co_await expect_shop(p, 2, 2);
}

// The whole destruction, killed in each of its steps: api/destroy_component_test.cpp.
PLATFORM_TEST(KilledController, WhileDestroyingAnAppRemovesTheRest) {
  co_await serve_release_2(p);
  p.wanted.clear();  // since the app was marked
  co_await p.etcd().erase("/deis/apps/shop", in(std::chrono::seconds(5)));
  co_await p.kill_controller();
  co_await p.settle();
  EXPECT_TRUE(p.jobs().empty());
}

}  // namespace
}  // namespace deis::controller::test
