#include "core/json/writer.h"

#include "core/json/json.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace deis::json {
namespace {

TEST(JsonWriter, WritesWhatTheSerialiserWrites) {
  const bool same = rc::check([](const std::string& text, const std::map<std::string, int>& numbers) {
    std::map<std::string, int> valid;
    for (const auto& [key, number] : numbers) valid[to_text(value(key))] = number;
    std::string out;
    ObjectWriter writer(out);
    writer.add("text", text);
    writer.add("numbers", valid);
    writer.end();
    object expected;
    expected["text"] = text;
    expected["numbers"] = to_value(valid);
    RC_ASSERT(out == to_text(expected));
  });
  EXPECT_TRUE(same);
}

TEST(JsonWriter, EscapesWhatMustBeAndMendsWhatIsNotUtf8) {
  std::string out;
  append_quoted(out, "a\"b\\c\n\t\x01\xff\xc3\xa4");
  EXPECT_EQ(out, "\"a\\\"b\\\\c\\n\\t\\u0001\xef\xbf\xbd\xc3\xa4\"");
}

TEST(JsonWriter, AnEmptyObjectIsOne) {
  std::string out;
  ObjectWriter(out).end();
  EXPECT_EQ(out, "{}");
}

}  // namespace
}  // namespace deis::json
