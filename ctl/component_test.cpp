#include "ctl/component.h"

#include "core/base/error.h"

#include <gmock/gmock.h>

namespace deis::ctl {
namespace {

std::vector<std::string> names(const std::vector<std::string>& targets) {
  std::vector<std::string> names;
  for (const auto& component : expand_targets(targets)) names.emplace_back(component.name);
  return names;
}

TEST(Targets, AreFoundUnderTheirUnitNamesToo) {
  EXPECT_EQ(find_component("router").name, "router");
  EXPECT_EQ(find_component("deis-router").name, "router");
  EXPECT_EQ(find_component("deis-router.service").name, "router");
}

TEST(Targets, UnknownOnesAreRefusedWithTheNamesThereAre) {
  try {
    find_component("ruoter");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid);
    EXPECT_THAT(error.what(), testing::HasSubstr("ruoter"));
    EXPECT_THAT(error.what(), testing::HasSubstr("router"));
  }
}

TEST(Targets, StartInTheOrderInWhichTheyNeedEachOtherWhateverTheOperatorTyped) {
  EXPECT_THAT(
      names({"router", "database", "router", "store"}), testing::ElementsAre("store", "database", "router"));
}

TEST(Targets, PlatformIsAllOfThemWithEtcdFirstAndTheRouterLast) {
  const auto all = names({"platform"});
  EXPECT_EQ(all.size(), all_components().size());
  EXPECT_EQ(all.front(), "etcd");
  EXPECT_EQ(all.back(), "router");
}

TEST(Targets, PlatformStandsAlone) {
  EXPECT_THROW(expand_targets({"platform", "router"}), Error);
}

}  // namespace
}  // namespace deis::ctl
