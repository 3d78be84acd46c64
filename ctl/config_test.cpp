#include "core/base/error.h"
#include "ctl/commands.h"

#include <gtest/gtest.h>

namespace deis::ctl {
namespace {

TEST(ConfigPair, IsSplitAtTheFirstEqualsSign) {
  const std::pair<std::string, std::string> expected("key", "a=b=c");
  EXPECT_EQ(parse_pair("key=a=b=c"), expected);
}

TEST(ConfigPair, WithoutKeyOrValueIsRefused) {
  for (const auto* text : {"key", "=value", "key=", "", "="}) EXPECT_THROW(parse_pair(text), Error) << text;
}

}  // namespace
}  // namespace deis::ctl
