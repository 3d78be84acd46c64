#include "controller/scheduler/job_status.h"

#include <gtest/gtest.h>

namespace deis::controller {
namespace {

const JobName kJob = JobName::parse("shop_v3.web.1");
const SystemTime kNow = parse_rfc3339("2026-01-01T00:01:00Z");

docker::TaskInfo task(std::string state, std::string created, int exit_code = 0) {
  docker::TaskInfo task;
  task.state = std::move(state);
  task.created_at = task.updated_at = "2026-01-01T00:00:" + created + "Z";
  task.exit_code = exit_code;
  task.container_id = "c" + created;
  return task;
}

JobStatus status(std::vector<docker::TaskInfo> tasks) {
  return job_status(kJob, std::move(tasks), kNow);
}

TEST(JobStatusOf, IsCreatedWithoutTasks) {
  EXPECT_EQ(status({}).state, JobState::created);
}

TEST(JobStatusOf, IsUpWhenTheTaskRuns) {
  const auto now = status({task("running", "30")});
  EXPECT_EQ(now.state, JobState::up);
  EXPECT_EQ(now.container_id, "c30");
  EXPECT_EQ(now.running_for_ms, 30'000);
  EXPECT_EQ(now.failures, 0);
}

TEST(JobStatusOf, IsCreatedWhileTheTaskComesAndSaysWhatHoldsItUp) {
  auto pending = task("pending", "30");
  pending.error = "no suitable node";
  EXPECT_EQ(status({pending}).state, JobState::created);
  EXPECT_EQ(status({pending}).detail, "no suitable node");
  EXPECT_EQ(status({task("preparing", "30")}).state, JobState::created);
}

TEST(JobStatusOf, IsCrashedBetweenTwoAttempts) {
  const auto now = status({task("ready", "58"), task("failed", "50", 137)});
  EXPECT_EQ(now.state, JobState::crashed);
  EXPECT_EQ(now.failures, 1);
  EXPECT_EQ(now.detail, "exited with code 137");
}

TEST(JobStatusOf, IsCrashedWhileTheSuccessorIsYoung) {
  const auto young = status({task("running", "59"), task("failed", "50", 1)});
  EXPECT_EQ(young.state, JobState::crashed);
  const auto steady = status({task("running", "40"), task("failed", "30", 1)});
  EXPECT_EQ(steady.state, JobState::up);
  EXPECT_EQ(steady.failures, 1);
  EXPECT_EQ(steady.detail, "");
}

TEST(JobStatusOf, DoesNotCountTheEndOfAContainerThatWasReplaced) {
  auto next = task("running", "59");
  next.force_update = 1;
  const auto restarted = status({next, task("failed", "50", 143), task("shutdown", "40")});
  EXPECT_EQ(restarted.state, JobState::up);
  EXPECT_EQ(restarted.failures, 0);
  auto failed = task("failed", "55", 1);
  failed.force_update = 1;
  EXPECT_EQ(status({next, failed, task("failed", "50", 143)}).failures, 1) << "its successor's is one";
}

TEST(JobStatusOf, CountsAnEndWithSuccessAsAFailureToo) {
  const auto now = status({task("ready", "58"), task("complete", "55", 0), task("complete", "50", 0)});
  EXPECT_EQ(now.state, JobState::crashed);
  EXPECT_EQ(now.failures, 2);
}

TEST(JobStatusOf, TellsWhyATaskWasRejected) {
  auto rejected = task("rejected", "50");
  rejected.container_id = "";
  rejected.error = "No such image: localhost:5000/shop:git-1";
  EXPECT_EQ(status({rejected}).detail, "No such image: localhost:5000/shop:git-1");
}

TEST(JobStatusOf, DoesNotCountContainersThatWereReplaced) {
  const auto now = status({task("running", "50"), task("shutdown", "30")});
  EXPECT_EQ(now.state, JobState::up);
  EXPECT_EQ(now.failures, 0);
  EXPECT_EQ(status({task("shutdown", "30")}).state, JobState::down);
}

TEST(JobStatusOf, LooksAtTheNewestTaskWhateverTheOrder) {
  EXPECT_EQ(
      status({task("shutdown", "10"), task("running", "50"), task("shutdown", "30")}).state, JobState::up);
}

TEST(JobStatusOf, IsAnErrorWhenTheNodeIsLost) {
  EXPECT_EQ(status({task("orphaned", "30")}).state, JobState::error);
}

TEST(FailedContainer, IsTheLastOneThatFailed) {
  EXPECT_EQ(failed_container({task("failed", "10"), task("failed", "20"), task("running", "30")}), "c20");
  EXPECT_EQ(failed_container({task("running", "30")}), "");
}

}  // namespace
}  // namespace deis::controller
