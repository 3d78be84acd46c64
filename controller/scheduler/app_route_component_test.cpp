// The entry of an app in etcd, from its creation to its end, and its policy.

#include "controller/scheduler/platform_fixture.h"
#include "core/net/co_test.h"

#include <gmock/gmock.h>

namespace deis::controller::test {
namespace {

using testing::HasSubstr;

Task<AppPolicy> policy_of(std::optional<std::string> maintenance) {
  AppPolicy policy;
  policy.maintenance = std::move(maintenance);
  co_return policy;
}

PLATFORM_TEST(Policy, IsWrittenAndAppliedByTheRoutersWithoutARollOut) {
  co_await p.scheduler().publish_app(kShop, 1);
  co_await p.scheduler().roll_out(plan_of(2, web(2, 1), {}));
  const ReadPolicy closed = [] { return policy_of("Soon"); };
  co_await p.scheduler().publish_policy(kShop, closed);
  const auto route = co_await p.route("shop");
  EXPECT_EQ(route, R"({"release":2,"maintenance":{"message":"Soon"}})");
  const auto entry = co_await p.etcd().get("/deis/apps/shop", in(std::chrono::seconds(5)));
  EXPECT_GE(p.scheduler().cluster().view.routers().begin()->second.revision, entry->mod_revision);
  co_await p.scheduler().publish_policy(kShop, closed);
  const auto again = co_await p.etcd().get("/deis/apps/shop", in(std::chrono::seconds(5)));
  EXPECT_EQ(again->mod_revision, entry->mod_revision) << "nothing changed";
}

// The newest policy wins whoever writes last: each writer looks at the entry before it reads the policy.
PLATFORM_TEST(Policy, OfTheLastReaderWinsOverAWriterThatWasOvertaken) {
  co_await p.scheduler().publish_app(kShop, 1);
  std::string stored = "first";
  int reads = 0;
  const ReadPolicy newest = [&] { return policy_of(stored); };
  const ReadPolicy overtaken = [&]() -> Task<AppPolicy> {
    AppPolicy policy{.maintenance = stored};
    if (++reads == 1) {
      stored = "second";
      co_await p.scheduler().publish_policy(kShop, newest);
    }
    co_return policy;
  };
  co_await p.scheduler().publish_policy(kShop, overtaken);
  const auto route = co_await p.route("shop");
  EXPECT_EQ(route, R"({"release":1,"maintenance":{"message":"second"}})");
  EXPECT_EQ(reads, 2);
}

PLATFORM_TEST(Policy, OfAnAppThatIsGoneIsNotWritten) {
  const ReadPolicy closed = [] { return policy_of(""); };
  co_await p.scheduler().publish_policy(kShop, closed);
  const auto route = co_await p.route("shop");
  EXPECT_EQ(route, "");
}

PLATFORM_TEST(App, KeepsMembersOfOthersInItsRoute) {
  co_await p.etcd().put("/deis/apps/shop", R"({"note":true,"release":1})", in(std::chrono::seconds(5)));
  co_await p.scheduler().publish_app(kShop, 2);
  const auto route = co_await p.route("shop");
  EXPECT_THAT(route, HasSubstr(R"("note":true)"));
  EXPECT_THAT(route, HasSubstr(R"("release":2)"));
}

PLATFORM_TEST(App, LeavesNothingWhenItIsDestroyed) {
  co_await p.scheduler().publish_app(kShop, 1);
  co_await deploy(p, 2, 2);
  const auto deadline = in(std::chrono::seconds(5));
  co_await p.etcd().put("/deis/domains/www.shop.example", R"({"app":"shop"})", deadline);
  co_await p.etcd().put("/deis/domains/blog.example", R"({"app":"blog"})", deadline);
  co_await p.scheduler().destroy_app(kShop, nullptr);
  EXPECT_TRUE(p.jobs().empty());
  const auto left = co_await p.etcd().list("/deis/", deadline);
  for (const auto& entry : left.entries)
    EXPECT_THAT(entry.key + entry.value, testing::Not(HasSubstr("shop")));
  const auto other = co_await p.etcd().get("/deis/domains/blog.example", deadline);
  EXPECT_TRUE(other.has_value());
  co_await p.scheduler().destroy_app(kShop, nullptr);
}

PLATFORM_TEST(App, IsNotBroughtBackByContainersThatWereEnding) {
  co_await p.scheduler().publish_app(kShop, 1);
  co_await deploy(p, 2, 2);
  const auto leaving = JobName::parse("shop_v2.web.2");
  p.router->set_in_flight(p.scheduler().cluster().view.endpoint(leaving)->address, 1);
  co_await end(p, leaving);
  co_await p.scheduler().destroy_app(kShop, nullptr);
  p.router->set_in_flight("172.30.0.2:5000", 0);
  p.router->set_in_flight("172.30.0.1:5000", 0);
  co_await until_retired(p);
  const auto route = co_await p.route("shop");
  EXPECT_EQ(route, "");
}

}  // namespace
}  // namespace deis::controller::test
