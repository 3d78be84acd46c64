#pragma once
// Replaces running containers. Those that serve are taken out of service first, in two waves when otherwise
// nobody would be left to serve; an app with a single container has a gap (contract api.md §5.8: stop, then
// start).

#include "controller/scheduler/cluster.h"
#include "controller/scheduler/scheduler.h"

#include <set>
#include <vector>

namespace deis::controller {

struct RestartWave {
  std::vector<JobName> jobs;
  std::set<std::string> drain;  // of `jobs`, those that others can stand in for
  bool operator==(const RestartWave&) const = default;
};

// `serving`: all jobs of the app that get requests now. Pure.
std::vector<RestartWave> restart_waves(
    const std::vector<JobName>& selected, const std::set<JobName>& serving);

// All of one app. Failures are logged and told only: they show in the containers' states.
// A new container may take `start_time` to become healthy.
Task<> restart_jobs(
    Cluster& cluster,
    AppId app,
    std::vector<JobName> jobs,
    std::chrono::milliseconds start_time,
    const OnPhase& on_phase);

}  // namespace deis::controller
