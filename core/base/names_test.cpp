#include "core/base/names.h"

#include "core/base/error.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace deis {
namespace {

template <typename N>
bool accepts(std::string_view text) {
  try {
    return N::parse(text).str() == text;
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ErrorCode::invalid);
    EXPECT_FALSE(e.field().empty());
    return false;
  }
}

TEST(AppId, AcceptsLowerCaseDigitsAndHyphensUpTo64) {
  for (const char* good : {"shop", "a", "0", "-", "a-b-1", "123"}) EXPECT_TRUE(accepts<AppId>(good)) << good;
  EXPECT_TRUE(accepts<AppId>(std::string(64, 'a')));
}

TEST(AppId, RefusesEverythingElse) {
  for (const char* bad :
       {"", "Shop", "a_b", "a.b", "a b", "a/b", "../x", "a;ls", "a\n", "$(x)", "\xc3\xa4"}) {
    EXPECT_FALSE(accepts<AppId>(bad)) << bad;
  }
  EXPECT_FALSE(accepts<AppId>(std::string(65, 'a')));
  EXPECT_FALSE(accepts<AppId>(std::string_view("a\0b", 3)));
}

TEST(UserName, FollowsTheContract) {
  for (const char* good : {"ann", "Ann.B", "a@b+c_d-e"}) EXPECT_TRUE(accepts<UserName>(good)) << good;
  for (const char* bad : {"", "a b", "a/b", "a'b", "AnonymousUser", "a\n"})
    EXPECT_FALSE(accepts<UserName>(bad)) << bad;
  EXPECT_FALSE(accepts<UserName>(std::string(31, 'a')));
}

TEST(ConfigKey, FollowsTheContract) {
  for (const char* good : {"FOO", "_foo", "f001", "FOO_BAR_BAZ_"})
    EXPECT_TRUE(accepts<ConfigKey>(good)) << good;
  for (const char* bad : {"123", "../../foo", "FOO/", "FOO-BAR", ""})
    EXPECT_FALSE(accepts<ConfigKey>(bad)) << bad;
}

TEST(JobName, KeepsTypesWithDotsAndUnderscores) {
  const auto job = JobName::parse("my-app_v12.web_v2.x.3");
  EXPECT_EQ(job.app.str(), "my-app");
  EXPECT_EQ(job.release, 12);
  EXPECT_EQ(job.type.str(), "web_v2.x");
  EXPECT_EQ(job.num, 3);
}

TEST(JobName, RefusesWhatIsNotOne) {
  for (const char* bad :
       {"",
        "shop",
        "shop_v1",
        "shop_v1.web",
        "shop_v0.web.1",
        "shop_vx.web.1",
        "shop_v1.web.0",
        "shop_v1..1",
        "Shop_v1.web.1",
        "shop_v1.web.1x",
        "shop_v-1.web.1"}) {
    EXPECT_THROW(JobName::parse(bad), Error) << bad;
  }
}

TEST(JobName, ParsesWhatItPrints) {
  const auto holds = rc::check("round trip", [] {
    const auto app =
        *rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::elementOf(std::string("abz019-"))));
    const auto type =
        *rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::elementOf(std::string("aZ09-_."))));
    RC_PRE(app.size() <= 64 && type.size() <= 128);
    const JobName job{
        .app = AppId::parse(app),
        .release = *rc::gen::inRange<std::int64_t>(1, 1'000'000'000),
        .type = ProcessType::parse(type),
        .num = *rc::gen::inRange(1, 1000)};
    RC_ASSERT(JobName::parse(job.str()) == job);
  });
  EXPECT_TRUE(holds);
}

}  // namespace
}  // namespace deis
