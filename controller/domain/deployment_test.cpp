#include "controller/domain/deployment.h"

#include <gtest/gtest.h>

namespace deis::controller {
namespace {

constexpr auto kRegistry = "localhost:5000";

App shop(Counts structure) {
  return {.id = AppId::parse("shop"), .owner = "ann", .structure = std::move(structure)};
}

ReleaseBundle release(std::int64_t version, std::optional<Build> build) {
  ReleaseBundle bundle;
  bundle.release.app = "shop";
  bundle.release.version = version;
  if (build) bundle.release.build_uuid = build->uuid;
  bundle.build = std::move(build);
  return bundle;
}

Build build(std::string uuid, StringMap procfile) {
  return {
      .uuid = std::move(uuid),
      .image = "shop",
      .sha = "12345678",
      .procfile = std::move(procfile),
      .dockerfile = "true"};
}

Container container(std::string type, int num, std::int64_t version) {
  return {.app = "shop", .type = std::move(type), .num = num, .release = version};
}

std::vector<std::string> names(const std::vector<JobSpec>& jobs) {
  std::vector<std::string> result;
  for (const auto& job : jobs) result.push_back(job.name.str());
  return result;
}
std::vector<std::string> names(const std::vector<JobName>& jobs) {
  std::vector<std::string> result;
  for (const auto& job : jobs) result.push_back(job.str());
  return result;
}

using Names = std::vector<std::string>;

TEST(Deployment, OfAnAppThatWasNeverScaledStartsTheDefaultProcesses) {
  const auto plan = plan_deployment(
      shop({}), {}, release(1, std::nullopt), release(2, build("b", {{"web", "x"}})), kRegistry);
  EXPECT_EQ(names(plan.rollout.start), Names{"shop_v2.web.1"});
  EXPECT_EQ(plan.added, (std::vector<Slot>{{"web", 1}}));
  EXPECT_EQ(plan.structure, (Counts{{"web", 1}}));
  EXPECT_TRUE(plan.rollout.retire.empty());
}

TEST(Deployment, ReplacesEveryContainerByOneOfTheNextRelease) {
  const Build same = build("b", {{"web", "x"}});
  const auto plan = plan_deployment(
      shop({{"web", 2}}),
      {container("web", 1, 4), container("web", 2, 4)},
      release(4, same),
      release(5, same),
      kRegistry);
  EXPECT_EQ(names(plan.rollout.start), (Names{"shop_v5.web.1", "shop_v5.web.2"}));
  EXPECT_EQ(names(plan.rollout.retire), (Names{"shop_v4.web.1", "shop_v4.web.2"}));
  EXPECT_EQ(plan.rollout.release, 5);
  EXPECT_TRUE(plan.added.empty() && plan.removed.empty() && !plan.structure);
}

TEST(Deployment, EndsTypesThatTheNewBuildNoLongerHas) {
  const auto plan = plan_deployment(
      shop({{"web", 1}, {"worker", 1}}),
      {container("web", 1, 2), container("worker", 1, 2)},
      release(2, build("b1", {{"web", "x"}, {"worker", "y"}})),
      release(3, build("b2", {{"web", "x"}})),
      kRegistry);
  EXPECT_EQ(names(plan.rollout.start), Names{"shop_v3.web.1"});
  EXPECT_EQ(names(plan.rollout.retire), (Names{"shop_v2.web.1", "shop_v2.worker.1"}));
  EXPECT_EQ(plan.removed, (std::vector<Slot>{{"worker", 1}}));
}

TEST(Deployment, StartsNothingWhenTheAppIsScaledToZero) {
  const auto plan = plan_deployment(
      shop({{"web", 0}}),
      {},
      release(2, build("b1", {{"web", "x"}})),
      release(3, build("b2", {{"web", "x"}})),
      kRegistry);
  EXPECT_TRUE(plan.rollout.start.empty());
  EXPECT_TRUE(plan.added.empty());
}

TEST(Deployment, OfAReleaseWithoutBuildStopsEverything) {
  const auto plan = plan_deployment(
      shop({{"web", 1}}),
      {container("web", 1, 2)},
      release(2, build("b", {{"web", "x"}})),
      release(3, std::nullopt),
      kRegistry);
  EXPECT_TRUE(plan.rollout.start.empty());
  EXPECT_EQ(names(plan.rollout.retire), Names{"shop_v2.web.1"});
  EXPECT_EQ(plan.removed, (std::vector<Slot>{{"web", 1}}));
  EXPECT_EQ(plan.structure, Counts());
}

TEST(Deployment, OfAConfigChangeBeforeTheFirstBuildMovesNothing) {
  const auto plan =
      plan_deployment(shop({}), {}, release(1, std::nullopt), release(2, std::nullopt), kRegistry);
  EXPECT_TRUE(plan.rollout.start.empty() && plan.rollout.retire.empty() && !plan.structure);
}

}  // namespace
}  // namespace deis::controller
