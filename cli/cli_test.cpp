#include "cli/arguments.h"
#include "cli/git.h"
#include "core/base/error.h"

#include <gtest/gtest.h>

namespace deis::cli {
namespace {

const std::vector<Option> kOptions{
    {"app", 'a', true}, {"limit", 'l', true}, {"admin", 0, false}, {"yes", 'y', false}};

TEST(Arguments, TakeEveryFormOfAnOption) {
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"-a", "shop", "x"},
           {"-ashop", "x"},
           {"--app=shop", "x"},
           {"x", "--app", "shop"},
           {"--ap", "shop", "x"}}) {
    const auto arguments = Arguments::parse(words, kOptions);
    EXPECT_EQ(arguments.find("app"), "shop");
    EXPECT_EQ(arguments.positional(), (std::vector<std::string>{"x"}));
  }
}

TEST(Arguments, NothingIsAnOptionBehindTwoDashes) {
  const auto arguments = Arguments::parse({"-y", "--", "ls", "-a"}, kOptions);
  EXPECT_TRUE(arguments.has("yes"));
  EXPECT_EQ(arguments.positional(), (std::vector<std::string>{"ls", "-a"}));
}

TEST(Arguments, RawCommandsKeepTheirOwnOptions) {
  const auto arguments = Arguments::parse({"-a", "shop", "ls", "-la", "--yes"}, kOptions, true);
  EXPECT_EQ(arguments.positional(), (std::vector<std::string>{"ls", "-la", "--yes"}));
}

TEST(Arguments, RefuseWhatIsUnknownAmbiguousOrIncomplete) {
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"--nope"}, {"-z"}, {"--a"}, {"--app"}, {"--yes=1"}}) {
    EXPECT_THROW(Arguments::parse(words, kOptions), Error) << words[0];
  }
}

TEST(Git, FindsTheAppOfTheFirstRemoteAtTheController) {
  const std::string remotes =
      "origin\thttps://example.com/ann/other.git (fetch)\n"
      "deis\tssh://git@deis.example.com:2222/shop.git (fetch)\n"
      "deis\tssh://git@deis.example.com:2222/shop.git (push)\n";
  EXPECT_EQ(find_app(remotes, "deis.example.com"), "shop");
  EXPECT_FALSE(find_app(remotes, "deis.other.com"));
  EXPECT_EQ(remote_url("http://deis.example.com:8080", "shop"), "ssh://git@deis.example.com:2222/shop.git");
}

}  // namespace
}  // namespace deis::cli
