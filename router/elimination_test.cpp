#include "router/elimination.h"

#include "core/net/co_test.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace deis::router {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

SettingChange change(const std::string& key) {
  return {.texts = {{key, "new"}}};
}

Task<std::string> verdict(std::string reason) {
  co_return reason;
}

// Refuses texts that hold one of `bad`.
Attempt refuse(std::set<std::string> bad) {
  return [bad = std::move(bad)](const SettingValues& texts) {
    for (const auto& key : bad) {
      if (texts.contains(key)) return verdict("because of " + key);
    }
    return verdict("");
  };
}

std::vector<SettingChange> changes(int count) {
  std::vector<SettingChange> all;
  for (int i = 0; i < count; ++i) all.push_back(change("k" + std::to_string(i)));
  return all;
}

CO_TEST(Elimination, OfChangesThatAreAllGoodAsksOnce) {
  Attempt attempt = refuse({});
  const auto result = co_await eliminate(SettingValues(), changes(50), std::move(attempt), 40);
  EXPECT_THAT(result.accepted, SizeIs(50));
  EXPECT_THAT(result.refused, IsEmpty());
  EXPECT_EQ(result.attempts, 1);
}

CO_TEST(Elimination, FindsTheOneCulpritInFewAttempts) {
  Attempt attempt = refuse(std::set<std::string>({"k13"}));
  const auto result = co_await eliminate(SettingValues(), changes(32), std::move(attempt), 40);
  EXPECT_THAT(result.accepted, SizeIs(31));
  EXPECT_FALSE(result.accepted.contains("k13"));
  EXPECT_THAT(result.refused, SizeIs(1));
  if (!result.refused.empty()) {
    EXPECT_EQ(result.refused.front().reason, "because of k13");
  }
  EXPECT_LE(result.attempts, 11);
}

CO_TEST(Elimination, FindsSeveralCulprits) {
  Attempt attempt = refuse(std::set<std::string>({"k0", "k7", "k15"}));
  const auto result = co_await eliminate(SettingValues(), changes(16), std::move(attempt), 40);
  EXPECT_THAT(result.accepted, SizeIs(13));
  EXPECT_THAT(result.refused, SizeIs(3));
}

CO_TEST(Elimination, KeepsWhatWasThereAndTakesAwayWhatIsRemoved) {
  std::vector<SettingChange> wanted;
  wanted.push_back({.removed = std::vector<std::string>({"old"})});
  wanted.push_back(change("bad"));
  SettingValues base;
  base["old"] = "1";
  base["other"] = "2";
  Attempt attempt = refuse(std::set<std::string>({"bad"}));
  const auto result = co_await eliminate(std::move(base), std::move(wanted), std::move(attempt), 40);
  EXPECT_THAT(result.accepted, ElementsAre(testing::Pair("other", "2")));
}

CO_TEST(Elimination, GivesUpAfterSoManyAttempts) {
  std::set<std::string> all;
  for (int i = 0; i < 64; ++i) all.insert("k" + std::to_string(i));
  Attempt attempt = refuse(std::move(all));
  const auto result = co_await eliminate(SettingValues(), changes(64), std::move(attempt), 20);
  EXPECT_EQ(result.attempts, 20);
  EXPECT_THAT(result.accepted, IsEmpty());
  EXPECT_THAT(result.refused, SizeIs(64));
}

CO_TEST(Elimination, WithoutChangesAsksNothing) {
  SettingValues base;
  base["a"] = "1";
  Attempt attempt = refuse({});
  const auto result = co_await eliminate(base, changes(0), std::move(attempt), 40);
  EXPECT_EQ(result.accepted, base);
  EXPECT_EQ(result.attempts, 0);
}

}  // namespace
}  // namespace deis::router
