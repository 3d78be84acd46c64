#include "ctl/ignored_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace deis::ctl {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

etcd::KeyValue entry(const std::string& host, const std::string& value) {
  return {.key = "/deis/router/problems/" + host, .value = value};
}

TEST(IgnoredSettings, AreOneLineEachWithTheHost) {
  const std::string problems = R"([{"key":"router/bodySize","value":"big","reason":"must be a size"},)"
                               R"({"key":"router/gzip","value":"x","reason":"must be true or false"}])";
  EXPECT_THAT(
      ignored_settings({entry("h1", problems)}),
      ElementsAre("router/bodySize=big: must be a size (h1)", "router/gzip=x: must be true or false (h1)"));
  EXPECT_THAT(ignored_settings({}), IsEmpty());
}

TEST(IgnoredSettings, ThatCannotBeReadAreToldAndHideNoOthers) {
  const std::string good = R"([{"key":"router/gzip","value":"x","reason":"bad"}])";
  EXPECT_THAT(
      ignored_settings({entry("h1", "{"), entry("h2", good)}),
      ElementsAre(HasSubstr("/deis/router/problems/h1 cannot be read"), "router/gzip=x: bad (h2)"));
}

}  // namespace
}  // namespace deis::ctl
