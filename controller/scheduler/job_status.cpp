#include "controller/scheduler/job_status.h"

#include "core/base/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace deis::controller {
namespace {

using docker::TaskInfo;

constexpr auto kSteadyAfter = std::chrono::seconds(3);

bool ended_by_itself(const TaskInfo& task) {
  return task.state == "failed" || task.state == "complete" || task.state == "rejected";
}

// Docker's stamps are RFC 3339 with the same number of digits or fewer: compare as times.
SystemTime created(const TaskInfo& task) {
  try {
    return parse_rfc3339(task.created_at);
  } catch (const Error&) {
    return {};
  }
}

const TaskInfo* newest(const std::vector<TaskInfo>& tasks, bool (*matches)(const TaskInfo&)) {
  const TaskInfo* best = nullptr;
  for (const auto& task : tasks) {
    if (matches(task) && (!best || created(task) > created(*best))) best = &task;
  }
  return best;
}

std::string why_it_ended(const TaskInfo& task) {
  if (task.container_id.empty() || task.state == "rejected")
    return task.error.empty() ? task.message : task.error;
  return fmt::format("exited with code {}", task.exit_code);
}

// A container that is told to end when it is replaced may be seen as failed: it ended before Swarm noted that
// it had been told to. What was before the last restart is none of the job's failures.
void leave_out_ends_of_replaced(std::vector<TaskInfo>& tasks) {
  std::uint64_t restarts = 0;
  for (const auto& task : tasks) restarts = std::max(restarts, task.force_update);
  std::erase_if(tasks, [restarts](const TaskInfo& task) {
    return task.force_update < restarts && ended_by_itself(task);
  });
}

JobState state_of(const TaskInfo& task) {
  static const std::set<std::string_view> coming{
      "new", "pending", "assigned", "accepted", "preparing", "ready", "starting"};
  if (task.state == "running") return JobState::up;
  if (coming.contains(task.state)) return JobState::created;
  if (ended_by_itself(task)) return JobState::crashed;
  if (task.state == "shutdown" || task.state == "remove") return JobState::down;
  return JobState::error;  // orphaned: its node is gone
}

std::int64_t milliseconds_since(const std::string& stamp, SystemTime now) {
  try {
    const auto passed = std::chrono::duration_cast<std::chrono::milliseconds>(now - parse_rfc3339(stamp));
    return std::max<std::int64_t>(0, passed.count());
  } catch (const Error&) {
    return 0;
  }
}

}  // namespace

JobStatus job_status(JobName job, std::vector<TaskInfo> tasks, SystemTime now) {
  JobStatus status{.name = std::move(job), .state = JobState::created};
  leave_out_ends_of_replaced(tasks);
  status.failures = static_cast<int>(std::count_if(tasks.begin(), tasks.end(), ended_by_itself));
  const TaskInfo* current = newest(tasks, [](const TaskInfo&) { return true; });
  if (!current) return status;

  status.node = current->node_id;
  status.container_id = current->container_id;
  status.state = state_of(*current);
  if (status.state == JobState::up) status.running_for_ms = milliseconds_since(current->updated_at, now);
  if (status.state == JobState::created) status.detail = current->error;  // "no suitable node ..."

  const TaskInfo* failed = newest(tasks, ended_by_itself);
  const bool steady =
      status.running_for_ms && std::chrono::milliseconds(*status.running_for_ms) >= kSteadyAfter;
  if (failed && !steady && status.state != JobState::down) {
    status.state = JobState::crashed;
    status.detail = why_it_ended(*failed);
    if (status.container_id.empty()) status.container_id = failed->container_id;
  }
  return status;
}

std::string failed_container(const std::vector<TaskInfo>& tasks) {
  const TaskInfo* failed = newest(tasks, ended_by_itself);
  return failed ? failed->container_id : "";
}

}  // namespace deis::controller
