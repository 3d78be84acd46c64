#include "core/base/text.h"

#include "core/base/excerpt.h"
#include "core/base/random.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace deis {
namespace {

TEST(Text, SplitKeepsEmptyParts) {
  EXPECT_EQ(split("a,,b", ','), (std::vector<std::string_view>{"a", "", "b"}));
  EXPECT_EQ(split("", ','), (std::vector<std::string_view>{""}));
}

TEST(Text, ParseIntTakesTheWholeTextOrNothing) {
  EXPECT_EQ(parse_int("-12"), -12);
  for (const char* bad : {"", "1x", " 1", "+1", "1.0", "99999999999999999999"})
    EXPECT_FALSE(parse_int(bad)) << bad;
}

TEST(Text, Utf8RefusesOverlongSurrogatesAndCutSequences) {
  for (const char* good : {"", "plain", "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x98\x80"})
    EXPECT_TRUE(is_valid_utf8(good));
  for (const char* bad : {"\xff", "\xc3", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82"}) {
    EXPECT_FALSE(is_valid_utf8(bad));
  }
}

TEST(Text, ToValidUtf8AlwaysGivesValidTextAndKeepsValidText) {
  EXPECT_TRUE(rc::check("valid whatever comes in", [](const std::string& bytes) {
    const std::string text = to_valid_utf8(bytes);
    RC_ASSERT(is_valid_utf8(text));
    if (is_valid_utf8(bytes)) RC_ASSERT(text == bytes);
  }));
}

TEST(Text, Base64AndPercentEncodingRoundTrip) {
  EXPECT_TRUE(rc::check("round trips", [](const std::string& bytes) {
    RC_ASSERT(base64_decode(base64_encode(bytes)) == bytes);
    RC_ASSERT(url_decode(url_encode(bytes)) == bytes);
  }));
}

TEST(Text, Base64IsStrict) {
  EXPECT_EQ(base64_decode("Zm9v"), "foo");
  for (const char* bad : {"Zm9", "Zm9v\n", "Zg=h", "Zh==", "Z m9v", "Zm9v=", "foo_bar!"})
    EXPECT_FALSE(base64_decode(bad)) << bad;
}

TEST(Text, UrlDecodeRefusesBadEscapes) {
  EXPECT_EQ(url_decode("a%20b"), "a b");
  for (const char* bad : {"%", "%2", "%zz", "a%2"}) EXPECT_FALSE(url_decode(bad)) << bad;
}

TEST(Text, Sha256IsTheKnownOne) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Random, UuidHasTheFormOfVersion4) {
  const std::string uuid = random_uuid();
  ASSERT_EQ(uuid.size(), 36u);
  EXPECT_EQ(uuid[14], '4');
  EXPECT_NE(std::string("89ab").find(uuid[19]), std::string::npos);
  EXPECT_NE(uuid, random_uuid());
}

TEST(Excerpt, QuotesAnythingWithinABound) {
  EXPECT_EQ(excerpt("short"), "short");
  EXPECT_EQ(excerpt("a\n\x7f\x01z"), "a???z");
  EXPECT_EQ(excerpt("a\xffz"), "a?z");
  EXPECT_EQ(excerpt("abc\xc3\xa4", 4), "abc...");
  EXPECT_EQ(excerpt("abc\xc3\xa4", 5), "abc\xc3\xa4");
  EXPECT_EQ(excerpt(std::string(1'000'000, 'x')).size(), 83u);
}

}  // namespace
}  // namespace deis
