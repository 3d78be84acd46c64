#pragma once
// Docker's container events as changes of jobs. Pure, but for what it remembers: "die" does not say whether
// the container was told to end, the "kill" before it does.

#include "controller/scheduler/engine.h"
#include "core/docker/types.h"

#include <optional>
#include <set>
#include <string>

namespace deis::controller {

class JobChanges {
 public:
  // nullopt: nothing that a job's state knows of, or no container of a job.
  std::optional<JobChange> read(const docker::Event& event);

 private:
  JobChange ended(const docker::Event& event, JobChange change);

  std::set<std::string> told_to_end_, out_of_memory_;  // containers that are not destroyed yet
};

}  // namespace deis::controller
