#include "cli/arguments.h"

#include "cli/suggest.h"
#include "core/base/error.h"

#include <gtest/gtest.h>

namespace deis::cli {
namespace {

using Words = std::vector<std::string>;

const std::vector<Option> kOptions{
    {"app", 'a', "<app>"},
    {"limit", 'l', "<num>"},
    {"admin"},
    {"yes", 'y'},
    {"password", 0, "<password>"},
    {.name = "password-stdin", .extension = true}};

TEST(Arguments, TakeEveryFormOfAnOption) {
  for (const Words& words : std::vector<Words>{
           {"-a", "shop", "x"},
           {"-ashop", "x"},
           {"--app=shop", "x"},
           {"x", "--app", "shop"},
           {"--ap", "shop", "x"},
           {"x", "--ap=shop"}}) {
    const auto arguments = Arguments::parse(words, kOptions);
    EXPECT_EQ(arguments.find("app"), "shop");
    EXPECT_EQ(arguments.positional(), Words{"x"});
  }
}

TEST(Arguments, TakeAnEmptyValueAndOneThatLooksLikeAnOption) {
  EXPECT_EQ(Arguments::parse({"--app="}, kOptions).find("app"), "");
  EXPECT_EQ(Arguments::parse({"--password", "-x"}, kOptions).find("password"), "-x");
  EXPECT_EQ(Arguments::parse({"--password=a=b"}, kOptions).find("password"), "a=b");
}

TEST(Arguments, AnAbbreviationOfTheContractStaysGoodBesideOurOwnOptions) {
  const auto arguments = Arguments::parse({"--pass", "secret"}, kOptions);
  EXPECT_EQ(arguments.find("password"), "secret");
  EXPECT_TRUE(Arguments::parse({"--password-s"}, kOptions).has("password-stdin"));
}

TEST(Arguments, NothingIsAnOptionBehindTwoDashes) {
  const auto arguments = Arguments::parse({"-y", "--", "ls", "-a"}, kOptions);
  EXPECT_TRUE(arguments.has("yes"));
  EXPECT_EQ(arguments.positional(), (Words{"ls", "-a"}));
  EXPECT_EQ(Arguments::parse({"-"}, kOptions).positional(), Words{"-"});
}

TEST(Arguments, ACommandThatIsRunKeepsItsOwnOptions) {
  const auto arguments = Arguments::parse({"-a", "shop", "ls", "-la", "--yes"}, kOptions, Tail::commands);
  EXPECT_EQ(arguments.positional(), (Words{"ls", "-la", "--yes"}));
  EXPECT_EQ(arguments.find("app"), "shop");
}

TEST(Arguments, ScriptsMayNameTheAppBehindTheCommandThatIsRun) {
  for (const Words& words : std::vector<Words>{
           {"ls -l", "-a", "shop"},
           {"ls -l", "--app", "shop"},
           {"ls -l", "--app=shop"},
           {"-ashop", "ls -l"}}) {
    const auto arguments = Arguments::parse(words, kOptions, Tail::commands);
    EXPECT_EQ(arguments.find("app"), "shop");
    EXPECT_EQ(arguments.positional(), Words{"ls -l"});
  }
  const auto path = Arguments::parse({"ls", "-a", "/tmp"}, kOptions, Tail::commands);
  EXPECT_EQ(path.positional(), (Words{"ls", "-a", "/tmp"}));
  const auto dashes = Arguments::parse({"ls", "--", "-a", "shop"}, kOptions, Tail::commands);
  EXPECT_EQ(dashes.positional(), (Words{"ls", "-a", "shop"}));
}

TEST(Arguments, RefuseWhatIsUnknownAmbiguousOrIncomplete) {
  for (const Words& words :
       std::vector<Words>{{"--nope"}, {"-z"}, {"--a"}, {"--app"}, {"--yes=1"}, {"-yes"}, {"--=x"}}) {
    EXPECT_THROW(Arguments::parse(words, kOptions), Error) << words[0];
  }
  try {
    Arguments::parse({"--limt=3"}, kOptions);
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "there is no option --limt; did you mean --limit?");
  }
}

TEST(Suggest, CountsInsertionsDeletionsReplacementsAndSwaps) {
  EXPECT_EQ(edit_distance("create", "create"), 0U);
  EXPECT_EQ(edit_distance("craete", "create"), 1U);
  EXPECT_EQ(edit_distance("crate", "create"), 1U);
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
}

TEST(Suggest, OffersTheNearestFirstAndNothingThatIsFar) {
  EXPECT_EQ(nearest("scael", {"scale", "apps", "sale"}), (Words{"scale", "sale"}));
  EXPECT_EQ(nearest("rollb", {"rollback", "run"}), Words{"rollback"});
  EXPECT_TRUE(nearest("xyzzy", {"apps", "scale"}).empty());
  EXPECT_TRUE(nearest(std::string(100000, 'a'), {"apps"}).empty());
}

}  // namespace
}  // namespace deis::cli
