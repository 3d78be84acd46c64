#include "controller/scheduler/route_entry.h"

#include <gtest/gtest.h>

namespace deis::controller {
namespace {

TEST(RouteEntry, IsMadeByAChangeThatNamesARelease) {
  EXPECT_EQ(apply_change("", {.release = 1}), R"({"release":1})");
}

TEST(RouteEntry, KeepsMembersItDoesNotKnow) {
  EXPECT_EQ(
      apply_change(R"({"release":1,"maintenance":true})", {.release = 2}),
      R"({"release":2,"maintenance":true})");
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

TEST(RouteEntry, IsWrittenAnewWhenItCannotBeRead) {
  EXPECT_EQ(apply_change("release 2", {.release = 3}), R"({"release":3})");
  EXPECT_EQ(apply_change("[1]", {.release = 3}), R"({"release":3})");
}

}  // namespace
}  // namespace deis::controller
