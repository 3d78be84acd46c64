#include "ctl/platform.h"

#include <gtest/gtest.h>

namespace deis::ctl {
namespace {

docker::TaskInfo task(std::string state, std::string error, int exit_code) {
  docker::TaskInfo task;
  task.state = std::move(state);
  task.error = std::move(error);
  task.exit_code = exit_code;
  return task;
}

TEST(LastFailure, IsTheNewestThatWentWrong) {
  const std::vector<docker::TaskInfo> tasks{
      task("running", "", 0),
      task("failed", "task: non-zero exit (1)", 1),
      task("rejected", "No such image", 0)};
  EXPECT_EQ(last_failure(tasks), "task: non-zero exit (1)");
}

TEST(LastFailure, WithoutWordsFromSwarmIsTheExitCode) {
  EXPECT_EQ(last_failure({task("failed", "", 137)}), "ended with exit code 137");
}

TEST(LastFailure, IsEmptyWhenAllIsWell) {
  EXPECT_EQ(last_failure({task("running", "", 0)}), "");
}

}  // namespace
}  // namespace deis::ctl
