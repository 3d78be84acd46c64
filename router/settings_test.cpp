#include "router/settings.h"

#include "core/component/router_settings.h"
#include "core/component/tls_material.h"
#include "core/json/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace deis::router {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

SettingValues after(const SettingValues& accepted, const SettingPlan& plan) {
  SettingValues texts = accepted;
  for (const auto& change : plan.changes) texts = with_change(std::move(texts), change);
  return texts;
}

TEST(SettingPlan, OfWhatIsInForceAlreadyIsEmpty) {
  const SettingValues texts{{"router/bodySize", "2m"}};
  const auto plan = plan_settings(texts, texts);
  EXPECT_THAT(plan.changes, IsEmpty());
  EXPECT_THAT(plan.problems, IsEmpty());
}

TEST(SettingPlan, HasOneChangeForEachSetting) {
  const SettingValues accepted{{"router/bodySize", "2m"}, {"router/gzip", "off"}};
  const auto plan = plan_settings(accepted, {{"router/bodySize", "3m"}, {"router/serverTokens", "on"}});
  EXPECT_THAT(plan.changes, SizeIs(3));
  EXPECT_THAT(
      after(accepted, plan), ElementsAre(Pair("router/bodySize", "3m"), Pair("router/serverTokens", "on")));
}

TEST(SettingPlan, LeavesTheLastGoodValueOfOneThatBreaksItsRule) {
  const SettingValues accepted{{"router/bodySize", "2m"}};
  const auto plan = plan_settings(accepted, {{"router/bodySize", "big"}, {"router/defaultTimeout", "x"}});
  EXPECT_THAT(plan.changes, IsEmpty());
  ASSERT_THAT(plan.problems, SizeIs(2));
  EXPECT_THAT(
      component::describe(plan.problems[1]), HasSubstr("router/bodySize=big: must be 0, or a number"));
}

TEST(SettingPlan, IgnoresWhatIsNoSetting) {
  EXPECT_THAT(plan_settings({}, {{"router/image", "x"}}).changes, IsEmpty());
}

TEST(SettingPlan, ChangesACertificateAndItsKeyTogether) {
  const std::string pair = component::make_nameless_pem(), next = component::make_nameless_pem();
  const SettingValues accepted{{"router/sslCert", pair}, {"router/sslKey", pair}};
  const SettingValues written{{"router/sslCert", next}, {"router/sslKey", next}};
  const auto plan = plan_settings(accepted, written);
  EXPECT_THAT(plan.changes, SizeIs(1));
  EXPECT_EQ(after(accepted, plan), written);
}

TEST(SettingPlan, LeavesTheLastGoodPairWhenTheNewOneDoesNotFit) {
  const std::string pair = component::make_nameless_pem(), other = component::make_nameless_pem();
  const SettingValues accepted{{"router/sslCert", pair}, {"router/sslKey", pair}};
  for (const SettingValues& written :
       {SettingValues{{"router/sslCert", other}, {"router/sslKey", pair}},
        SettingValues{{"router/sslCert", pair}}}) {
    const auto plan = plan_settings(accepted, written);
    EXPECT_EQ(after(accepted, plan), accepted);
    EXPECT_THAT(plan.problems, SizeIs(1));
  }
}

TEST(SettingPlan, TellsOneProblemWhenTheKeyOfAPairCannotBeRead) {
  const std::string pair = component::make_nameless_pem();
  const auto plan = plan_settings({}, {{"router/sslCert", pair}, {"router/sslKey", "secret nonsense"}});
  EXPECT_THAT(plan.changes, IsEmpty());
  ASSERT_THAT(plan.problems, SizeIs(1));
  EXPECT_EQ(plan.problems.front().key, "router/sslKey");
  EXPECT_EQ(component::describe(plan.problems.front()).find("secret nonsense"), std::string::npos);
}

TEST(SettingPlan, TakesAPairAwayTogether) {
  const std::string pair = component::make_nameless_pem();
  const SettingValues accepted{{"router/sslCert", pair}, {"router/sslKey", pair}};
  const auto plan = plan_settings(accepted, {});
  EXPECT_THAT(plan.changes, SizeIs(1));
  EXPECT_THAT(after(accepted, plan), IsEmpty());
}

TEST(OnlyGood, DropsWhatBreaksARule) {
  EXPECT_THAT(
      only_good({{"router/bodySize", "big"}, {"router/gzip", "off"}, {"nothing", "1"}}),
      ElementsAre(Pair("router/gzip", "off")));
}

TEST(RefusedChange, IsToldByItsKeyItsValueAndWhatNginxSaid) {
  const auto problem = refused_change({.texts = {{"router/gzipDisable", "(("}}}, "regex failed");
  EXPECT_EQ(component::describe(problem), "router/gzipDisable=((: refused by nginx: regex failed");
  EXPECT_EQ(refused_change({.removed = {"router/bodySize"}}, "x").value, "(default)");
}

TEST(SettingProblems, AreToldAsJson) {
  const std::string text = json::to_text(to_json({{"router/bodySize", "big", "must be a size"}}));
  EXPECT_EQ(text, R"([{"key":"router/bodySize","value":"big","reason":"must be a size"}])");
}

}  // namespace
}  // namespace deis::router
