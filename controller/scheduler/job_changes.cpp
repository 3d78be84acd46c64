#include "controller/scheduler/job_changes.h"

#include "controller/scheduler/job_spec.h"

namespace deis::controller {

std::optional<JobChange> JobChanges::read(const docker::Event& event) {
  if (event.type != "container") return std::nullopt;
  auto job = job_of(event.attributes);
  if (!job) return std::nullopt;
  if (event.action == "kill") told_to_end_.insert(event.id);
  if (event.action == "oom") out_of_memory_.insert(event.id);

  JobChange change{.job = std::move(*job), .container = event.id};
  if (event.action == "create") {
    change.state = JobState::created;
  } else if (event.action == "start") {
    change.state = JobState::up;
  } else if (event.action == "die") {
    return ended(event, std::move(change));
  } else if (event.action == "destroy") {
    change.state = JobState::destroyed;
    told_to_end_.erase(event.id);
    out_of_memory_.erase(event.id);
  } else {
    return std::nullopt;
  }
  return change;
}

JobChange JobChanges::ended(const docker::Event& event, JobChange change) {
  const bool one_off = change.job.type.str() == "run";  // its end is what it was made for
  const auto code = event.attributes.find("exitCode");
  if (code != event.attributes.end()) change.detail = "exited with code " + code->second;
  if (out_of_memory_.contains(event.id)) change.detail += " (out of memory)";
  const bool wanted = one_off || told_to_end_.contains(event.id);
  change.state = wanted ? JobState::down : JobState::crashed;
  return change;
}

}  // namespace deis::controller
