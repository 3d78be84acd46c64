#pragma once
// What Swarm's tasks say about a job. Pure.

#include "controller/scheduler/engine.h"
#include "core/docker/types.h"

#include <vector>

namespace deis::controller {

// `tasks` are those that Swarm still remembers of the job's service, in any order (it keeps five). A
// container that ended by itself is `crashed` until its successor has run for a few seconds, so that a crash
// loop does not show as up every other moment.
JobStatus job_status(JobName job, std::vector<docker::TaskInfo> tasks, SystemTime now);

// The container whose end explains the detail; empty when nothing failed.
std::string failed_container(const std::vector<docker::TaskInfo>& tasks);

}  // namespace deis::controller
