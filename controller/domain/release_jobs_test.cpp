#include "controller/domain/release_jobs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace deis::controller {
namespace {

constexpr auto kImagesFrom = "localhost:5000";

ReleaseBundle pushed() {
  ReleaseBundle bundle;
  bundle.release.app = "shop";
  bundle.release.version = 3;
  bundle.build =
      Build{.image = "shop", .sha = "1234abcd99", .procfile = {{"web", "serve"}}, .dockerfile = "true"};
  return bundle;
}

TEST(JobSpec, OfAPushRunsTheImageOfItsCommit) {
  const JobSpec spec = job_spec(pushed(), kImagesFrom, "web", 2);
  EXPECT_EQ(spec.name.str(), "shop_v3.web.2");
  EXPECT_EQ(spec.image, "localhost:5000/shop:git-1234abcd");
  EXPECT_THAT(spec.arguments, testing::ElementsAre("bash", testing::StrEq("-c"), "serve"));
}

TEST(JobSpec, OfAnImportRunsTheImageAsGiven) {
  ReleaseBundle bundle = pushed();
  bundle.build = Build{.image = "nginx:1.2"};
  EXPECT_EQ(job_spec(bundle, kImagesFrom, "cmd", 1).image, "nginx:1.2");
}

TEST(JobSpec, LetsThePlatformsVariablesWin) {
  ReleaseBundle bundle = pushed();
  bundle.config.values = {{"A", "1"}, {"DEIS_APP", "mine"}, {"DEIS_RELEASE", "mine"}, {"GIT_SHA", "mine"}};
  const StringMap expected = {
      {"A", "1"}, {"DEIS_APP", "shop"}, {"DEIS_RELEASE", "v3"}, {"GIT_SHA", "1234abcd99"}};
  EXPECT_EQ(job_spec(bundle, kImagesFrom, "web", 1).env, expected);
}

TEST(JobSpec, CarriesTheLimitsOfItsOwnTypeOnly) {
  ReleaseBundle bundle = pushed();
  bundle.config.memory = {{"web", "64M"}};
  bundle.config.cpu = {{"web", 512}};
  bundle.config.tags = {{"rack", "a"}};
  const JobSpec web = job_spec(bundle, kImagesFrom, "web", 1), cmd = job_spec(bundle, kImagesFrom, "cmd", 1);
  EXPECT_EQ(web.memory_bytes, 64 << 20);
  EXPECT_EQ(web.cpu_shares, 512);
  EXPECT_EQ(cmd.memory_bytes, 0);
  EXPECT_EQ(cmd.cpu_shares, 0);
  EXPECT_EQ(cmd.tags, bundle.config.tags);
}

TEST(JobSpec, OfAOneOffHasTheEnvironmentButNoLimits) {
  ReleaseBundle bundle = pushed();
  bundle.config.memory = {{"run", "64M"}};
  const JobSpec spec = run_spec(bundle, kImagesFrom, "echo 'hi'; ls", 7);
  EXPECT_EQ(spec.name.str(), "shop_v3.run.7");
  EXPECT_EQ(spec.entrypoint, std::vector<std::string>{"/bin/bash"});
  EXPECT_EQ(spec.arguments, (std::vector<std::string>{"-c", "echo 'hi'; ls"}));
  EXPECT_EQ(spec.env.at("DEIS_RELEASE"), "v3");
  EXPECT_EQ(spec.memory_bytes, 0);
}

TEST(JobSpecs, AreNoneForAReleaseWithoutBuild) {
  ReleaseBundle bundle = pushed();
  const std::vector<Container> formation = {{.app = "shop", .type = "web"}};
  EXPECT_EQ(job_specs(bundle, kImagesFrom, formation).size(), 1U);
  bundle.build.reset();
  EXPECT_TRUE(job_specs(bundle, kImagesFrom, formation).empty());
}

}  // namespace
}  // namespace deis::controller
