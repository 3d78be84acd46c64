#include "core/json/bounded.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace deis::json {
namespace {

struct Inner {
  bool running = false;
  std::optional<std::string> error;
  bool operator==(const Inner&) const = default;
};
BOOST_DESCRIBE_STRUCT(Inner, (), (running, error))

struct Outer {
  std::string id;
  std::int16_t count = 7;
  std::vector<Inner> list;
  std::map<std::string, int> by_type;
  bool operator==(const Outer&) const = default;
};
BOOST_DESCRIBE_STRUCT(Outer, (), (id, count, list, by_type))

std::string failure_of(std::string_view text) {
  try {
    from<Outer>(parse(text));
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ErrorCode::invalid);
    return e.what();
  }
  return "";
}

TEST(Json, IgnoresUnknownKeysAndKeepsDefaultsOfMissingOnes) {
  const auto outer = from<Outer>(parse(R"({"id":"x","other":[1,{"a":2}]})"));
  EXPECT_EQ(outer.id, "x");
  EXPECT_EQ(outer.count, 7);
}

TEST(Json, NullIsAnEmptyListMapOrOptional) {
  const auto outer = from<Outer>(parse(R"({"list":null,"by_type":null})"));
  EXPECT_TRUE(outer.list.empty());
  EXPECT_FALSE(from<Inner>(parse(R"({"error":null})")).error);
}

TEST(Json, ErrorsCarryThePath) {
  EXPECT_EQ(
      failure_of(R"({"list":[{"running":true},{"running":1}]})"), ".list[1].running: expected a boolean");
  EXPECT_EQ(failure_of(R"({"count":70000})"), ".count: expected an integer in range");
  EXPECT_EQ(failure_of("[]"), "document: expected an object");
}

TEST(Json, RefusesBrokenDocuments) {
  for (const char* bad : {"", "{", "{}x", "{\"a\":1,}", "nul", "\"\xff\"", "[1 2]"}) {
    EXPECT_EQ(failure_of(bad).find("JSON parse error - "), 0u) << bad;
  }
  EXPECT_NE(failure_of(std::string(100, '[') + std::string(100, ']')), "");
}

TEST(Json, RefusesAKeyThatAppearsTwice) {
  EXPECT_NE(failure_of(R"({"id":"a","id":"b"})"), "");
  EXPECT_NE(failure_of(R"({"list":[{"error":"a","error":"b"}]})"), "");
  EXPECT_EQ(failure_of(R"({"id":"a:\"b\":c","list":[]})"), "");
}

TEST(Json, NamesTheKeyThatAppearsTwice) {
  EXPECT_NE(
      failure_of(R"({"a":{"x":1,"\u0078":2},"x":3})").find("the key 'x' appears twice"), std::string::npos);
}

TEST(Json, SaysWhichLimitADocumentIsOver) {
  const auto failure = [](std::string_view text) {
    try {
      parse(text, Limits{.depth = 2, .values = 5, .keys = 2});
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(failure(R"({"a":[1,2],"b":"c,d:e"})"), "");
  EXPECT_EQ(failure(R"([[[]]])"), "JSON parse error - nested deeper than 2 levels at byte 2");
  EXPECT_EQ(failure(R"({"a":1,"b":2,"c":3})"), "JSON parse error - more than 2 keys");
  EXPECT_EQ(failure("[1,2,3,4,5,6,7]"), "JSON parse error - more than 5 values");
}

TEST(Json, WritesValidUtf8WhateverTheStringsHold) {
  Outer outer;
  outer.id = "\xff";
  EXPECT_NE(to_string(outer).find("\xef\xbf\xbd"), std::string::npos);
}

TEST(Json, ReadsWhatItWrites) {
  EXPECT_TRUE(rc::check(
      "round trip",
      [](const std::vector<bool>& flags, std::int16_t count, const std::map<std::string, int>& m) {
        Outer outer{.id = "x\"\\\n", .count = count, .list = {}, .by_type = {}};
        for (const bool flag : flags) outer.list.push_back(Inner{.running = flag, .error = {}});
        for (const auto& [key, v] : m) {
          if (key.find_first_not_of("abcdefghijklmnopqrstuvwxyz") == std::string::npos)
            outer.by_type[key] = v;
        }
        RC_ASSERT(from<Outer>(parse(to_string(outer))) == outer);
      }));
}

}  // namespace
}  // namespace deis::json
