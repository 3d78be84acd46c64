#include "controller/domain/config_rules.h"

#include "controller/domain/validation.h"

#include <gtest/gtest.h>

namespace deis::controller {
namespace {

FieldMessages messages_of(const ConfigPatch& patch) {
  try {
    merge(Config(), patch);
  } catch (const ValidationError& error) {
    return error.fields();
  }
  return {};
}

TEST(ConfigMerge, OverwritesGivenKeysRemovesNullsAndKeepsTheRest) {
  Config base;
  base.values = {{"KEEP", "1"}, {"CHANGE", "1"}, {"REMOVE", "1"}};
  const Config merged = merge(base, {.values = {{"CHANGE", "2"}, {"REMOVE", std::nullopt}, {"ADD", "3"}}});
  EXPECT_EQ(merged.values, (StringMap{{"KEEP", "1"}, {"CHANGE", "2"}, {"ADD", "3"}}));
}

TEST(ConfigMerge, LeavesMapsAloneThatAreNotInTheRequest) {
  Config base;
  base.memory = {{"web", "1G"}};
  base.cpu = {{"web", 512}};
  base.tags = {{"ssd", "true"}};
  const Config merged = merge(base, {.values = {{"A", "1"}}});
  EXPECT_EQ(merged.memory, base.memory);
  EXPECT_EQ(merged.cpu, base.cpu);
  EXPECT_EQ(merged.tags, base.tags);
}

TEST(ConfigMerge, TakesTheDocumentedKeysAndRefusesOthers) {
  for (const char* good : {"FOO", "_foo", "f001", "FOO_BAR_BAZ_"}) {
    EXPECT_TRUE(messages_of({.values = {{good, "x"}}}).empty()) << good;
  }
  for (const char* bad : {"123", "../../foo", "FOO/", "FOO-BAR", ""}) {
    EXPECT_TRUE(messages_of({.values = {{bad, "x"}}}).contains("values")) << bad;
  }
}

TEST(ConfigMerge, LetsANullForABadOrUnknownKeyPass) {
  EXPECT_TRUE(messages_of({.values = {{"BAD-KEY", std::nullopt}}, .cpu = {{"web", std::nullopt}}}).empty());
}

TEST(ConfigMerge, KeepsMultiLineAndEmptyAndUnicodeValuesAsTheyAre) {
  const Config merged = merge(Config(), {.values = {{"A", "one\ntwo"}, {"B", ""}, {"C", "Grüße"}}});
  EXPECT_EQ(merged.values, (StringMap{{"A", "one\ntwo"}, {"B", ""}, {"C", "Grüße"}}));
}

TEST(ConfigMerge, RefusesValuesThatNoEnvironmentCanHold) {
  EXPECT_TRUE(messages_of({.values = {{"A", std::string("a\0b", 3)}}}).contains("values"));
  EXPECT_TRUE(messages_of({.values = {{"A", std::string(200 * 1024, 'x')}}}).contains("values"));
}

TEST(ConfigMerge, MakesCpuSharesIntegers) {
  EXPECT_EQ(merge(Config(), {.cpu = {{"web", "1024"}}}).cpu.at("web"), 1024);
  EXPECT_EQ(
      messages_of({.cpu = {{"web", "much"}}}).at("cpu"),
      std::vector<std::string>{"CPU shares must be an integer"});
  EXPECT_TRUE(messages_of({.cpu = {{"web", "1025"}}}).contains("cpu"));
  EXPECT_TRUE(messages_of({.cpu = {{"web", "-1"}}}).contains("cpu"));
}

TEST(ConfigMerge, RefusesBadTags) {
  EXPECT_TRUE(messages_of({.tags = {{"rack", "a_1"}}}).empty());
  EXPECT_TRUE(messages_of({.tags = {{"rack", "a\nb"}}}).contains("tags"));
  EXPECT_TRUE(messages_of({.tags = {{"in.valid", "a"}}}).contains("tags"));
}

TEST(ConfigMerge, TellsAllMapsThatAreWrongAtOnce) {
  const auto messages = messages_of(
      {.values = {{"1", "x"}}, .memory = {{"web", "20MK"}}, .cpu = {{"Web", "1"}}, .tags = {{"a", "-"}}});
  EXPECT_EQ(messages.size(), 4U);
}

TEST(MemoryLimit, IsANumberAndAUnit) {
  EXPECT_EQ(memory_bytes("20MB"), 20 << 20);
  EXPECT_EQ(memory_bytes("20m"), 20 << 20);
  EXPECT_EQ(memory_bytes("2gb"), std::int64_t{2} << 30);
  EXPECT_EQ(memory_bytes("512K"), 512 << 10);
  EXPECT_EQ(memory_bytes("7b"), 7);
  for (const char* bad :
       {"20MK",
        "20gK",
        "20",
        "MB",
        "",
        "-1M",
        "1.5G",
        "20 M",
        "99999999999999999999G",
        "9000000000000G",
        "1BB"}) {
    EXPECT_THROW(memory_bytes(bad), Error) << bad;
  }
}

}  // namespace
}  // namespace deis::controller
