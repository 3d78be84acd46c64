#include "registry/config.h"

#include "core/json/json.h"

#include <gtest/gtest.h>

namespace deis::registry {
namespace {

json::value rendered(const Config& config) {
  return json::parse(render(config));
}

TEST(RegistryConfig, StoresInTheVolumeAndListensOnLoopback) {
  const auto config = rendered({.storage = "/var/lib/deis/registry/images", .secret = "s", .port = 6000});
  EXPECT_EQ(config.at("storage").at("filesystem").at("rootdirectory"), "/var/lib/deis/registry/images");
  EXPECT_EQ(config.at("http").at("addr"), "127.0.0.1:6000");
}

TEST(RegistryConfig, AllowsDeletionAndCachesNoBlobDescriptors) {
  const auto config = rendered({.storage = "/x", .secret = "s"});
  EXPECT_EQ(config.at("storage").at("delete").at("enabled"), true);
  EXPECT_FALSE(config.at("storage").as_object().contains("cache"));
}

TEST(RegistryConfig, APathWithQuotesStaysAValue) {
  const std::string odd = "/x\"}, \"http\": {";
  EXPECT_EQ(
      rendered({.storage = odd, .secret = "s"})
          .at("storage")
          .at("filesystem")
          .at("rootdirectory")
          .as_string(),
      odd);
}

}  // namespace
}  // namespace deis::registry
