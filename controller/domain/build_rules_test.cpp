#include "controller/domain/build_rules.h"

#include "controller/domain/validation.h"

#include <gtest/gtest.h>

namespace deis::controller {
namespace {

FieldMessages messages_of(const NewBuild& build) {
  try {
    check_build(build);
  } catch (const ValidationError& error) {
    return error.fields();
  }
  return {};
}

TEST(Build, IsTakenAsPushedAndAsImported) {
  EXPECT_TRUE(messages_of({.image = "registry.example.com:5000/team/shop:1.0"}).empty());
  EXPECT_TRUE(messages_of({.image = "shop", .sha = "1234abcd", .procfile = {{"web", "run\nit"}}}).empty());
}

TEST(Build, TellsAllFieldsThatAreWrong) {
  const auto messages = messages_of(
      {.image = "a b",
       .sha = std::string(41, 'a'),
       .procfile = {{"we b", "x"}},
       .dockerfile = std::string("\0", 1)});
  EXPECT_EQ(messages.size(), 4U);
}

TEST(Build, HoldsNothingThatCouldBreakAnImageName) {
  EXPECT_TRUE(messages_of({.image = ""}).contains("image"));
  EXPECT_TRUE(messages_of({.image = "-rm"}).contains("image"));
  EXPECT_TRUE(messages_of({.image = "a\nb"}).contains("image"));
  EXPECT_TRUE(messages_of({.image = std::string(257, 'a')}).contains("image"));
  EXPECT_TRUE(messages_of({.image = "a", .sha = "../../x"}).contains("sha"));
}

TEST(Build, CannotUseTheTypeOfOneOffCommands) {
  EXPECT_TRUE(messages_of({.image = "a", .procfile = {{"run", "x"}}}).contains("procfile"));
}

TEST(Build, OfAPlatformComponentIsForbidden) {
  try {
    check_build({.image = "deis/controller:v1"});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::forbidden);
    EXPECT_STREQ(error.what(), "Repository name deis/controller is not allowed");
  }
}

}  // namespace
}  // namespace deis::controller
