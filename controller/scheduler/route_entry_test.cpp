#include "controller/scheduler/route_entry.h"

#include "core/base/error.h"

#include <gtest/gtest.h>

namespace deis::controller {
namespace {

TEST(RouteEntry, IsMadeByAChangeThatNamesARelease) {
  EXPECT_EQ(apply_change("", {.release = 1}), R"({"release":1})");
}

TEST(RouteEntry, KeepsMembersItDoesNotKnow) {
  EXPECT_EQ(apply_change(R"({"release":1,"note":true})", {.release = 2}), R"({"release":2,"note":true})");
}

TEST(RouteEntry, KeepsItsTextWhenNothingChanges) {
  const auto text = R"({ "release": 2, "draining": ["shop_v2.web.1"] })";
  EXPECT_EQ(
      apply_change(text, {.release = 2, .drain = {"shop_v2.web.1"}, .undrain = {"shop_v2.web.7"}}), text);
}

TEST(RouteEntry, ListsDrainingJobsOnlyWhenThereAreSome) {
  const auto drained = apply_change(R"({"release":2})", {.drain = {"b", "a"}});
  EXPECT_EQ(drained, R"({"release":2,"draining":["a","b"]})");
  EXPECT_EQ(apply_change(drained, {.undrain = {"a", "b"}}), R"({"release":2})");
}

TEST(RouteEntry, HasACanaryBesideTheRelease) {
  const auto with_canary = apply_change(R"({"release":7})", {.canary = Canary{.release = 8, .weight = 10}});
  EXPECT_EQ(with_canary, R"({"release":7,"canary":{"release":8,"weight":10}})");
  const RouteEntry entry = parse_route(with_canary);
  EXPECT_TRUE(entry.serves(7) && entry.serves(8));
  EXPECT_FALSE(entry.serves(6) || entry.serves(9));
  EXPECT_EQ(apply_change(with_canary, {.release = 7}), with_canary) << "it stays";
  EXPECT_EQ(apply_change(with_canary, {.release = 9, .canary = Canary()}), R"({"release":9})");
  EXPECT_EQ(parse_route(R"({"release":7,"canary":null})").canary, Canary());
  for (const char* bad :
       {R"({"release":7,"canary":{"release":0,"weight":10}})",
        R"({"release":7,"canary":{"release":8,"weight":0}})",
        R"({"release":7,"canary":{"release":8,"weight":100}})"}) {
    EXPECT_THROW(parse_route(bad), Error) << bad;
    EXPECT_EQ(apply_change(bad, {.release = 7}), R"({"release":7})") << bad;
  }
}

TEST(RouteEntry, HasThePolicyAndTheAllowListOfTheConfigBesideEachOther) {
  const std::vector<IpNetwork> office(1, IpNetwork::parse("10.0.0.0/8"));
  const auto with_list = apply_change(R"({"release":2})", {.config_allowlist = office});
  EXPECT_EQ(with_list, R"({"release":2,"config_allowlist":["10.0.0.0/8"]})");
  const auto with_both = apply_change(with_list, {.policy = AppPolicy{.maintenance = "Soon"}});
  EXPECT_EQ(with_both, R"({"release":2,"maintenance":{"message":"Soon"},"config_allowlist":["10.0.0.0/8"]})");
  EXPECT_EQ(parse_route(with_both).policy.maintenance, "Soon");
  EXPECT_EQ(parse_route(with_both).config_allowlist, office);
  EXPECT_EQ(apply_change(with_both, {.release = 2, .policy = AppPolicy{.maintenance = "Soon"}}), with_both);
  const std::vector<IpNetwork> nobody_excluded;
  EXPECT_EQ(
      apply_change(with_both, {.policy = AppPolicy(), .config_allowlist = nobody_excluded}),
      R"({"release":2})");
}

TEST(RouteEntry, IsWrittenAnewWhenItCannotBeRead) {
  EXPECT_EQ(apply_change("release 2", {.release = 3}), R"({"release":3})");
  EXPECT_EQ(apply_change("[1]", {.release = 3}), R"({"release":3})");
}

}  // namespace
}  // namespace deis::controller
