#include "controller/domain/summary.h"

#include <gtest/gtest.h>

namespace deis::controller {
namespace {

ReleaseBundle bundle(StringMap values = {}) {
  ReleaseBundle made;
  made.release.owner = "rob";
  made.config.owner = "ann";
  made.config.values = std::move(values);
  return made;
}

TEST(Summary, OfTheFirstReleaseNamesTheAppsOwner) {
  EXPECT_EQ(initial_summary("ann"), "ann created initial release");
}

TEST(Summary, OfAPushShowsSevenDigitsOfTheCommit) {
  ReleaseBundle next = bundle();
  next.build = Build{.owner = "bea", .image = "shop", .sha = "1234567890abcdef"};
  next.release.build_uuid = "b1";
  EXPECT_EQ(change_summary(bundle(), next), "bea deployed 1234567");
}

TEST(Summary, OfAnImportShowsTheImageAsGiven) {
  ReleaseBundle next = bundle();
  next.build = Build{.owner = "bea", .image = "nginx:1.2"};
  next.release.build_uuid = "b1";
  EXPECT_EQ(change_summary(bundle(), next), "bea deployed nginx:1.2");
}

TEST(Summary, SaysNothingOfABuildThatStays) {
  ReleaseBundle before = bundle(), after = bundle({{"A", "1"}});
  before.build = after.build = Build{.owner = "bea", .image = "shop", .sha = "1234567890"};
  before.release.build_uuid = after.release.build_uuid = "b1";
  EXPECT_EQ(change_summary(before, after), "ann added A");
}

TEST(Summary, ListsKeysOfTheEnvironmentInOrder) {
  const auto before = bundle({{"C", "1"}, {"D", "1"}});
  const auto after = bundle({{"B", "1"}, {"A", "1"}, {"C", "2"}});
  EXPECT_EQ(change_summary(before, after), "ann added A, B, changed C, deleted D");
}

TEST(Summary, JoinsEnvironmentLimitsAndTags) {
  ReleaseBundle after = bundle({{"A", "1"}});
  after.config.memory = {{"web", "1G"}};
  after.config.cpu = {{"web", 1}};
  after.config.tags = {{"rack", "a"}};
  EXPECT_EQ(
      change_summary(bundle(), after),
      "ann added A and ann changed limits for memory, cpu and ann added tag rack");
}

TEST(Summary, AdmitsThatNothingChanged) {
  EXPECT_EQ(change_summary(bundle(), bundle()), "rob changed nothing");
}

TEST(Summary, OfARollbackNamesItsTarget) {
  EXPECT_EQ(rollback_summary("rob", 3), "rob rolled back to v3");
}

}  // namespace
}  // namespace deis::controller
