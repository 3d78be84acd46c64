#include "controller/domain/canary_rules.h"

#include "core/base/error.h"

#include <gmock/gmock.h>

namespace deis::controller {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

const AppId kShop = AppId::parse("shop");

Build pushed(StringMap procfile) {
  return Build{.app = "shop", .image = "shop", .sha = "12345678", .procfile = std::move(procfile)};
}

std::vector<Container> running(const std::vector<std::pair<std::string, int>>& counts) {
  std::vector<Container> containers;
  for (const auto& [type, count] : counts) {
    for (int num = 1; num <= count; ++num) containers.push_back({.app = "shop", .type = type, .num = num});
  }
  return containers;
}

ReleaseBundle release(std::int64_t version) {
  ReleaseBundle bundle{.build = pushed({{"web", "serve"}})};
  bundle.release.app = "shop";
  bundle.release.version = version;
  bundle.config.app = "shop";
  return bundle;
}

std::vector<std::string> names(const RolloutPlan& plan) {
  std::vector<std::string> all;
  for (const auto& job : plan.start) all.push_back("+" + job.name.str());
  for (const auto& job : plan.retire) all.push_back("-" + job.str());
  return all;
}

AppCanary of_eight(int weight, Counts containers) {
  return AppCanary{.app = "shop", .release = 8, .weight = weight, .containers = std::move(containers)};
}

TEST(CanaryRules, OnlyTypesThatAnswerRequestsGetACanary) {
  const auto formation = running({{"web", 3}, {"worker", 2}});
  const Build build = pushed({{"web", "serve"}, {"worker", "work"}});
  EXPECT_THAT(canary_containers(build, formation, 1), ElementsAre(Pair("web", 1)));
  EXPECT_THAT(canary_containers(build, formation, 2), ElementsAre(Pair("web", 2)));
}

TEST(CanaryRules, ATypeThatTheBuildLacksIsReplacedByTheBuildsOwn) {
  const auto formation = running({{"web", 3}});
  const Build without_web{.app = "shop", .image = "shop:2"};
  EXPECT_THAT(canary_containers(without_web, formation, 1), ElementsAre(Pair("cmd", 1)));
  EXPECT_THAT(canary_containers(pushed({{"web", "serve"}}), {}, 1), ElementsAre(Pair("web", 1)));
}

TEST(CanaryRules, AWeightLeavesSomethingForBoth) {
  for (const std::int64_t good : {1, 50, 99}) EXPECT_NO_THROW(check_weight(good));
  for (const std::int64_t bad : {-1, 0, 100, 1000}) EXPECT_THROW(check_weight(bad), Error) << bad;
  EXPECT_NO_THROW(check_canary_count(1));
  for (const std::int64_t bad : {-1, 0, 501}) EXPECT_THROW(check_canary_count(bad), Error) << bad;
}

TEST(CanaryRules, TheLiveReleaseStaysAndTheRouteGetsTheWeight) {
  const auto plan = plan_canary(kShop, 7, release(8), {}, of_eight(10, {{"web", 2}}), "localhost:5000");
  EXPECT_EQ(plan.release, 7);
  EXPECT_EQ(plan.canary, (Canary{.release = 8, .weight = 10}));
  EXPECT_THAT(names(plan), ElementsAre("+shop_v8.web.1", "+shop_v8.web.2"));
}

TEST(CanaryRules, AnotherWeightTouchesNoContainer) {
  const auto plan =
      plan_canary(kShop, 7, release(8), {{"web", 2}}, of_eight(50, {{"web", 2}}), "localhost:5000");
  EXPECT_THAT(names(plan), IsEmpty());
  EXPECT_EQ(plan.canary, (Canary{.release = 8, .weight = 50}));
}

TEST(CanaryRules, AnotherCountStartsOrEndsTheDifference) {
  const auto more =
      plan_canary(kShop, 7, release(8), {{"web", 1}}, of_eight(10, {{"web", 3}}), "localhost:5000");
  EXPECT_THAT(names(more), ElementsAre("+shop_v8.web.2", "+shop_v8.web.3"));
  const auto less =
      plan_canary(kShop, 7, release(8), {{"web", 3}}, of_eight(10, {{"web", 1}}), "localhost:5000");
  EXPECT_THAT(names(less), ElementsAre("-shop_v8.web.2", "-shop_v8.web.3"));
}

}  // namespace
}  // namespace deis::controller
