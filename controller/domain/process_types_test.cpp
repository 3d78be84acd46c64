#include "controller/domain/process_types.h"

#include "core/base/error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace deis::controller {
namespace {

const StringMap kWeb = {{"web", "run-web"}};
const StringMap kWorker = {{"worker", "run-worker"}};

Build buildpack(StringMap procfile) {
  return {.image = "shop", .sha = "12345678", .procfile = std::move(procfile)};
}
Build dockerfile(StringMap procfile) {
  return {.image = "shop", .sha = "12345678", .procfile = std::move(procfile), .dockerfile = "true"};
}
Build import(StringMap procfile) {
  return {.image = "nginx", .procfile = std::move(procfile)};
}

std::vector<Container> containers(const std::string& type, std::vector<int> numbers) {
  std::vector<Container> made;
  for (const int num : numbers) made.push_back({.app = "shop", .type = type, .num = num});
  return made;
}

TEST(DefaultProcesses, AreOneCmdOrOneWeb) {
  const Counts cmd = {{"cmd", 1}}, web = {{"web", 1}};
  EXPECT_EQ(default_processes(import({})), cmd);
  EXPECT_EQ(default_processes(import(kWeb)), cmd);
  EXPECT_EQ(default_processes(dockerfile({})), cmd);
  EXPECT_EQ(default_processes(dockerfile(kWeb)), web);
  EXPECT_EQ(default_processes(dockerfile(kWorker)), cmd);
  EXPECT_EQ(default_processes(buildpack(kWeb)), web);
  EXPECT_EQ(default_processes(buildpack(kWorker)), cmd);
  EXPECT_EQ(default_processes(buildpack({})), web);
}

TEST(Command, OfABuildpackStartsTheType) {
  EXPECT_EQ(command_for(buildpack(kWeb), "web").arguments, (std::vector<std::string>{"start", "web"}));
}

TEST(Command, OfAProcfileEntryGoesToBashAsOneArgument) {
  const Build build = dockerfile({{"web", "echo 'a b' $PORT"}});
  EXPECT_THAT(
      command_for(build, "web").arguments,
      testing::ElementsAre("bash", testing::StrEq("-c"), "echo 'a b' $PORT"));
  EXPECT_TRUE(command_for(build, "web").entrypoint.empty());
}

TEST(Command, OfCmdWithoutProcfileEntryIsTheImagesOwn) {
  EXPECT_EQ(command_for(import({}), "cmd"), ProcessCommand());
  EXPECT_EQ(command_for(dockerfile(kWeb), "cmd"), ProcessCommand());
}

TEST(Command, OfAOneOffRunsInTheRunnerOrInBash) {
  const ProcessCommand runner = command_for_run(buildpack(kWeb), "ls 'a");
  EXPECT_EQ(runner.entrypoint, std::vector<std::string>{"/runner/init"});
  EXPECT_EQ(runner.arguments, std::vector<std::string>{"ls 'a"});
  for (const Build& build : {dockerfile(kWeb), import({}), buildpack({})}) {
    EXPECT_EQ(command_for_run(build, "ls").entrypoint, std::vector<std::string>{"/bin/bash"});
    EXPECT_EQ(command_for_run(build, "ls").arguments, (std::vector<std::string>{"-c", "ls"}));
  }
}

TEST(ProcessType, MustBeInTheProcfileOrCmd) {
  EXPECT_NO_THROW(check_process_type(dockerfile(kWeb), "web"));
  EXPECT_NO_THROW(check_process_type(dockerfile(kWeb), "cmd"));
  EXPECT_NO_THROW(check_process_type(buildpack({}), "web"));
  try {
    check_process_type(dockerfile({}), "web");
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "Container type web does not exist in application");
  }
}

TEST(ProcessType, IsDroppedWhenTheNextProcfileLacksIt) {
  const Build before = dockerfile({{"web", "a"}, {"worker", "b"}});
  EXPECT_EQ(dropped_types(before, dockerfile(kWeb)), std::vector<std::string>{"worker"});
  EXPECT_TRUE(dropped_types(dockerfile(kWeb), before).empty());
}

TEST(Counts, AreBounded) {
  EXPECT_NO_THROW(check_counts({{"web", 0}, {"worker", kMaximumProcesses}}));
  EXPECT_THROW(check_counts({{"web", -1}}), Error);
  EXPECT_THROW(check_counts({{"web", kMaximumProcesses + 1}}), Error);
}

TEST(Scale, CountsNumbersUpwards) {
  const auto change = plan_scale(containers("web", {1, 2}), {{"web", 4}});
  EXPECT_EQ(change.added, (std::vector<Slot>{{"web", 3}, {"web", 4}}));
  EXPECT_TRUE(change.removed.empty());
}

TEST(Scale, RemovesTheNewestFirst) {
  const auto change = plan_scale(containers("web", {1, 2, 3, 4}), {{"web", 2}});
  EXPECT_EQ(change.removed, (std::vector<Slot>{{"web", 4}, {"web", 3}}));
  EXPECT_TRUE(change.added.empty());
}

TEST(Scale, LeavesTypesAloneThatAreNotNamed) {
  const auto change = plan_scale(containers("worker", {1}), {{"web", 1}});
  EXPECT_EQ(change.added, (std::vector<Slot>{{"web", 1}}));
  EXPECT_TRUE(change.removed.empty());
}

TEST(Structure, IsTheRequestOverlaidWithTheActualCounts) {
  EXPECT_EQ(
      structure_after({{"web", 0}}, {{"worker", 1}, {"worker", 2}}), (Counts{{"web", 0}, {"worker", 2}}));
}

}  // namespace
}  // namespace deis::controller
