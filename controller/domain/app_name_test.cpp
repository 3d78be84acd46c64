#include "controller/domain/app_name.h"

#include "core/base/error.h"

#include <gtest/gtest.h>

namespace deis::controller {
namespace {

TEST(AppName, IsMadeOfAnAdjectiveOfSixAndANounOfEightLetters) {
  for (const auto word : app_name_adjectives()) EXPECT_EQ(word.size(), 6U) << word;
  for (const auto word : app_name_nouns()) EXPECT_EQ(word.size(), 8U) << word;
  const std::string name = random_app_id().str();
  EXPECT_EQ(name.size(), 15U);
  EXPECT_EQ(name[6], '-');
}

TEST(AppName, OfThePlatformItselfIsReserved) {
  PlatformSettings settings;
  settings.subdomain = "paas";
  EXPECT_NO_THROW(check_not_reserved(AppId::parse("deis"), settings));
  settings.reserved_names = {"deis"};
  for (const char* name : {"deis", "paas", "deis-store"}) {
    try {
      check_not_reserved(AppId::parse(name), settings);
      FAIL();
    } catch (const Error& error) {
      EXPECT_EQ(error.field(), "id");
      EXPECT_EQ(std::string(error.what()), std::string(name) + " is a reserved name.");
    }
  }
}

}  // namespace
}  // namespace deis::controller
