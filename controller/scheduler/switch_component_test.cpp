// The acknowledged switch with several routers, announced in a real etcd: who is waited for, who is not, and
// what becomes of a roll-out that not every router follows. And draining: what ends when.

#include "controller/scheduler/platform_fixture.h"
#include "core/base/error.h"
#include "core/net/co_test.h"

#include <gmock/gmock.h>

namespace deis::controller::test {
namespace {

using testing::HasSubstr;
using testing::Not;

const AppId kBlog = AppId::parse("blog");

// Routers beside the platform's own r1.
struct MoreRouters {
  explicit MoreRouters(Platform& p)
      : second(p.executor, p.etcd(), "r2"), third(p.executor, p.etcd(), "r3"), group(p.executor) {
    group.spawn(second.run());
    group.spawn(third.run());
  }
  Task<> stop() {
    group.cancel();
    co_await group.join();
  }
  FakeRouter second, third;
  net::TaskGroup group;
};

Task<> until_routers(Platform& p, std::size_t count) {
  co_await p.until([&p, count] { return p.scheduler().cluster().view.routers().size() == count; });
}

PLATFORM_TEST(Switch, AnswersWhenEveryRouterHasSwitched) {
  co_await p.scheduler().publish_app(kShop, 1);
  MoreRouters more(p);
  co_await until_routers(p, 3);
  co_await deploy(p, 2, 2);
  const auto table = p.router->table("shop");
  EXPECT_EQ(table.size(), 2u);
  EXPECT_EQ(more.second.table("shop"), table);
  EXPECT_EQ(more.third.table("shop"), table);
  co_await more.stop();
}

PLATFORM_TEST(Switch, WaitsForARouterOnlyUntilItsLeaseIsGone) {
  co_await p.scheduler().publish_app(kShop, 1);
  co_await deploy(p, 2, 1);
  // A router that died: its announcement stays until its lease ends.
  const auto deadline = in(std::chrono::seconds(5));
  const auto lease = co_await p.etcd().grant(std::chrono::seconds(60), deadline);
  co_await p.etcd().put(
      "/deis/router/hosts/r2", R"({"address":"http://127.0.0.1:1","revision":1})", deadline, lease);
  co_await until_routers(p, 2);
  p.scheduler().cluster().options.routers_within = std::chrono::minutes(10);
  net::TaskGroup group(p.executor);
  const auto result = std::make_shared<RollingOut>();
  group.spawn(roll_out_into(p, plan_of(3, web(3, 1), names_of(web(2, 1))), result));
  co_await p.until([&] { return p.router->table("shop").contains(p.address("shop_v3.web.1")); });
  EXPECT_FALSE(result->over) << "r2 is announced and has not switched";
  EXPECT_TRUE(p.jobs().contains("shop_v2.web.1"));

  co_await p.etcd().revoke(lease, in(std::chrono::seconds(5)));
  co_await group.join();
  EXPECT_EQ(result->failure, "");
  co_await until_retired(p);
  EXPECT_EQ(p.jobs(), std::set<std::string>{"shop_v3.web.1"});
}

PLATFORM_TEST(Switch, GoesBackAndNamesTheRouterThatHangsAndNeitherTheOneThatFollowsNorTheOneThatIsGone) {
  co_await p.scheduler().publish_app(kShop, 1);
  co_await deploy(p, 2, 1);
  MoreRouters more(p);
  co_await until_routers(p, 3);
  more.second.stall();
  co_await more.third.vanish();
  co_await until_routers(p, 2);
  p.scheduler().cluster().options.routers_within = std::chrono::milliseconds(200);

  const auto reason = co_await failure_of(p, plan_of(3, web(3, 1), names_of(web(2, 1))));
  EXPECT_THAT(reason, HasSubstr("aborting, not every router sends to the new containers"));
  EXPECT_THAT(reason, HasSubstr("router r2 has applied revision"));
  EXPECT_THAT(reason, Not(HasSubstr("r1")));
  EXPECT_THAT(reason, Not(HasSubstr("r3")));
  const auto route = co_await p.route("shop");
  EXPECT_EQ(route, R"({"release":2})");
  EXPECT_TRUE(p.jobs().contains("shop_v2.web.1"));

  more.second.resume();  // only then the containers of the failed release may end
  co_await until_retired(p);
  EXPECT_EQ(p.jobs(), std::set<std::string>{"shop_v2.web.1"});
  EXPECT_EQ(more.second.gaps(), 0);
  co_await more.stop();
}

PLATFORM_TEST(Switch, NamesEveryRouterThatHangs) {
  co_await p.scheduler().publish_app(kShop, 1);
  co_await deploy(p, 2, 1);
  MoreRouters more(p);
  co_await until_routers(p, 3);
  more.second.stall();
  more.third.stall();
  p.scheduler().cluster().options.routers_within = std::chrono::milliseconds(100);
  const auto reason = co_await failure_of(p, plan_of(3, web(3, 1), names_of(web(2, 1))));
  EXPECT_THAT(reason, HasSubstr("router r2 has applied revision"));
  EXPECT_THAT(reason, HasSubstr("router r3 has applied revision"));
  more.second.resume();
  more.third.resume();
  co_await until_retired(p);
  co_await more.stop();
}

PLATFORM_TEST(Switch, DoesNotWaitForARouterThatIsGone) {
  co_await p.scheduler().publish_app(kShop, 1);
  co_await p.router->vanish();
  co_await until_routers(p, 0);
  co_await deploy(p, 2, 1);
  const auto route = co_await p.route("shop");
  EXPECT_EQ(route, R"({"release":2})");
}

Task<> until_route(Platform& p, std::string text) {
  for (;;) {
    const auto route = co_await p.route("shop");
    if (route == text) co_return;
    co_await net::sleep_for(std::chrono::milliseconds(5));
  }
}

PLATFORM_TEST(Switch, GoesBackWhenTheLastRouterGoesWithoutHavingSwitched) {
  co_await p.scheduler().publish_app(kShop, 1);
  co_await deploy(p, 2, 1);
  p.router->stall();
  net::TaskGroup group(p.executor);
  const auto result = std::make_shared<RollingOut>();
  group.spawn(roll_out_into(p, plan_of(3, web(3, 1), names_of(web(2, 1))), result));
  co_await until_route(p, R"({"release":3})");
  co_await p.router->vanish();
  co_await group.join();
  EXPECT_THAT(result->failure, HasSubstr("no router is announced any more; before, router r1 has applied"));
  const auto route = co_await p.route("shop");
  EXPECT_EQ(route, R"({"release":2})");
  EXPECT_TRUE(p.jobs().contains("shop_v2.web.1"));
  p.router->resume();
  co_await until_retired(p);
  EXPECT_EQ(p.jobs(), std::set<std::string>{"shop_v2.web.1"});
}

// Its nginx may well be there and send to them.
PLATFORM_TEST(Drain, EndsNothingWhileNoRouterIsAnnounced) {
  co_await p.scheduler().publish_app(kShop, 1);
  co_await deploy(p, 2, 1);
  co_await p.router->vanish();
  co_await until_routers(p, 0);
  co_await deploy(p, 3, 1);
  co_await deploy(p, 4, 1);
  EXPECT_EQ(p.jobs(), (std::set<std::string>{"shop_v2.web.1", "shop_v3.web.1", "shop_v4.web.1"}));
  p.router->resume();
  co_await until_retired(p);
  EXPECT_EQ(p.jobs(), std::set<std::string>{"shop_v4.web.1"});
}

PLATFORM_TEST(Drain, EndsEachContainerWhenItsOwnRequestsAreDone) {
  co_await p.scheduler().publish_app(kShop, 1);
  co_await deploy(p, 2, 3);
  p.scheduler().cluster().options.drain_within = std::chrono::minutes(10);
  const auto busy = p.address("shop_v2.web.2");
  p.router->set_in_flight(busy, 1);
  co_await deploy(p, 3, 1);
  co_await p.until([&] { return p.jobs().size() == 2; });
  EXPECT_EQ(p.jobs(), (std::set<std::string>{"shop_v2.web.2", "shop_v3.web.1"}));
  p.router->set_in_flight(busy, 0);
  co_await until_retired(p);
  EXPECT_EQ(p.jobs(), std::set<std::string>{"shop_v3.web.1"});
}

PLATFORM_TEST(Drain, WaitsForTheRequestsOfEveryRouter) {
  co_await p.scheduler().publish_app(kShop, 1);
  co_await deploy(p, 2, 1);
  MoreRouters more(p);
  co_await until_routers(p, 3);
  const auto busy = p.address("shop_v2.web.1");
  more.third.set_in_flight(busy, 1);
  co_await deploy(p, 3, 1);
  const int asked = more.third.asked();
  co_await p.until([&] { return more.third.asked() > asked + 2; });
  EXPECT_TRUE(p.jobs().contains("shop_v2.web.1"));
  more.third.set_in_flight(busy, 0);
  co_await until_retired(p);
  EXPECT_EQ(p.jobs(), std::set<std::string>{"shop_v3.web.1"});
  co_await more.stop();
}

Task<AppPolicy> drain_for_a_second() {
  co_return AppPolicy{.drain_timeout = 1};
}

PLATFORM_TEST(Drain, TakesNoLongerThanTheApplicationAllows) {
  co_await p.scheduler().publish_app(kShop, 1);
  co_await deploy(p, 2, 1);
  p.scheduler().cluster().options.drain_within = std::chrono::minutes(10);
  const ReadPolicy one_second = drain_for_a_second;
  co_await p.scheduler().publish_policy(kShop, one_second);
  p.router->set_in_flight(p.address("shop_v2.web.1"), 1);
  co_await deploy(p, 3, 1);
  co_await until_retired(p);
  EXPECT_EQ(p.jobs(), std::set<std::string>{"shop_v3.web.1"});
}

PLATFORM_TEST(Drain, OfOneApplicationLeavesTheOthersAlone) {
  co_await p.scheduler().publish_app(kBlog, 1);
  RolloutPlan blog{.app = kBlog, .release = 2, .start = release_of("blog", 2, "web", 2)};
  co_await p.scheduler().roll_out(std::move(blog));
  const auto deadline = in(std::chrono::seconds(5));
  const auto route = co_await p.etcd().get("/deis/apps/blog", deadline);
  const auto endpoints = co_await p.etcd().list("/deis/services/blog/", deadline);
  p.router->set_in_flight(p.address("blog_v2.web.1"), 7);
  const auto table = p.router->table("blog");

  co_await p.scheduler().publish_app(kShop, 1);
  std::vector<JobName> old;
  for (int release = 2; release < 6; ++release) {
    co_await p.scheduler().roll_out(plan_of(release, web(release, 2), old));
    old = names_of(web(release, 2));
  }
  co_await until_retired(p);

  const auto route_after = co_await p.etcd().get("/deis/apps/blog", deadline);
  const auto endpoints_after = co_await p.etcd().list("/deis/services/blog/", deadline);
  EXPECT_EQ(route_after->mod_revision, route->mod_revision);
  CO_ASSERT_TRUE(endpoints_after.entries.size() == endpoints.entries.size());
  for (std::size_t i = 0; i < endpoints.entries.size(); ++i)
    EXPECT_EQ(endpoints_after.entries[i].mod_revision, endpoints.entries[i].mod_revision);
  EXPECT_EQ(p.router->table("blog"), table);
  for (const auto& address : table) EXPECT_FALSE(p.router->asked_about().contains(address)) << address;
}

}  // namespace
}  // namespace deis::controller::test
