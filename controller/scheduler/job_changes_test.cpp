#include "controller/scheduler/job_changes.h"

#include <gtest/gtest.h>

namespace deis::controller {
namespace {

docker::Event event(std::string action, std::string id = "c1", std::string job = "shop_v3.web.1") {
  return docker::Event{
      .type = "container",
      .action = std::move(action),
      .id = std::move(id),
      .attributes = {{"deis.job", std::move(job)}, {"exitCode", "3"}}};
}

// The state that comes of the last of these events.
std::string state_after(const std::vector<docker::Event>& events) {
  JobChanges changes;
  std::optional<JobChange> last;
  for (const auto& one : events) last = changes.read(one);
  return last ? std::string(name_of(last->state)) + ": " + last->detail : "nothing";
}

TEST(JobChanges, FollowAContainersLife) {
  EXPECT_EQ(state_after({event("create")}), "created: ");
  EXPECT_EQ(state_after({event("create"), event("start")}), "up: ");
  EXPECT_EQ(state_after({event("start"), event("die"), event("destroy")}), "destroyed: ");
}

TEST(JobChanges, TellACrashFromAnEndThatWasAskedFor) {
  EXPECT_EQ(state_after({event("start"), event("die")}), "crashed: exited with code 3");
  EXPECT_EQ(state_after({event("start"), event("kill"), event("die")}), "down: exited with code 3");
  EXPECT_EQ(state_after({event("kill", "another"), event("die")}), "crashed: exited with code 3");
  EXPECT_EQ(state_after({event("oom"), event("die")}), "crashed: exited with code 3 (out of memory)");
  EXPECT_EQ(state_after({event("die", "c1", "shop_v3.run.7")}), "down: exited with code 3");
}

TEST(JobChanges, PassOverWhatIsNoChangeOfAJob) {
  EXPECT_EQ(state_after({event("exec_start")}), "nothing");
  EXPECT_EQ(state_after({event("start", "c1", "not a job")}), "nothing");
  docker::Event network = event("connect");
  network.type = "network";
  EXPECT_EQ(state_after({network}), "nothing");
}

}  // namespace
}  // namespace deis::controller
