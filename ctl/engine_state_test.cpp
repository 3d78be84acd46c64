#include "ctl/engine_state.h"

#include <gmock/gmock.h>

namespace deis::ctl {
namespace {

const std::string kPrefix = "docker/network/v1.0/";

BoltEntry entry(const std::string& key, const std::string& json) {
  return {kPrefix + key, std::string("\x9d\0\0\0\0\0\0\0", 8) + json};
}

BoltEntry network(const std::string& id, const std::string& json) {
  return entry("network/" + id + "/", json);
}

BoltEntry count(const std::string& id, const std::string& json) {
  return entry("endpoint_count/" + id + "/", json);
}

TEST(EngineState, LosesTheNetworksOfTheDriverThatNobodyElseKnows) {
  const std::vector<BoltEntry> entries{
      entry("bridge-endpoint/e1/", "{}"),
      entry("bridge/", "{}"),
      entry("bridge/known/", "{}"),
      entry("bridge/lost/", "{}"),
      entry("bridge/odd/one/", "{}"),
      entry("endpoint_count/lost/", "{}"),
      network("known", "{}")};
  auto expected = entries;
  expected.erase(expected.begin() + 3);
  const auto tidied = tidy(entries);
  EXPECT_EQ(tidied.entries, expected);
  EXPECT_THAT(tidied.changes, testing::ElementsAre(testing::HasSubstr("network lost")));
  EXPECT_THAT(tidy(expected).changes, testing::IsEmpty());
}

TEST(EngineState, CountsAsUsersOfAConfigurationOnlyNetworksThatAreWrittenDown) {
  const std::vector<BoltEntry> entries{
      count("c1", R"({"Count":5})"),
      count("c2", R"({"Count":1})"),
      count("user", R"({"Count":7})"),
      network("c1", R"({"id":"c1","name":"one","configOnly":true})"),
      network("c2", R"({"id":"c2","name":"two","configOnly":true})"),
      network("user", R"({"id":"user","name":"mine","configFrom":"two"})")};
  auto expected = entries;
  expected[0] = count("c1", R"({"Count":0})");
  const auto tidied = tidy(entries);
  EXPECT_EQ(tidied.entries, expected);
  EXPECT_THAT(tidied.changes, testing::ElementsAre("configuration c1: has 0 users, not 5"));
}

TEST(EngineState, KeepsItsCountsWhenANetworkCannotBeRead) {
  const std::vector<BoltEntry> entries{
      count("c1", R"({"Count":5})"),
      network("c1", R"({"id":"c1","name":"one","configOnly":true})"),
      network("odd", "{"),
      {kPrefix + "network/short/", "1"}};
  EXPECT_EQ(tidy(entries).entries, entries);
}

}  // namespace
}  // namespace deis::ctl
