#pragma once
// Whether a container that was started serves: judged from what the publisher and the engine say (pure), and
// the loop that waits for it.

#include "controller/scheduler/cluster.h"

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace deis::controller {

enum class Health { waiting, healthy, failed };

struct HealthRules {
  std::chrono::milliseconds steady_after;
  int failures_allowed;
};

// web and cmd answer requests: their publisher knows. The others are healthy when they run for a while.
inline bool is_routable(const ProcessType& type) {
  return type.str() == "web" || type.str() == "cmd";
}

// What had the job's name before: neither endpoint nor status of these containers counts, nor do their
// failures. One of an attempt that was given up may even come to life after its service was removed.
struct Before {
  std::set<std::string> containers;
  int failures = 0;
  std::string service;  // that runs the job now: containers of another one are of before; "": not known
  bool includes(const PublishedEndpoint& endpoint) const;
};

Health judge(
    const JobName& job,
    const PublishedEndpoint* endpoint,
    const JobStatus* status,
    const Before& before,
    const HealthRules& rules);

// One sentence: "shop_v3.web.1: exited with code 1; last probe: connection refused".
std::string describe(const JobName& job, const PublishedEndpoint* endpoint, const JobStatus* status);

// How long a container may take to become healthy: `basis`, or the start-up time of its check when one was
// chosen (and a little more, so that its publisher gives the verdict), after the check's delay.
std::chrono::milliseconds health_time(
    const JobName& job,
    const HealthChecks& checks,
    const std::map<std::string, std::string>& env,
    std::chrono::milliseconds basis);

struct HealthWait {
  std::vector<JobName> jobs;
  std::map<JobName, Before> before;
  Deadline deadline;
  std::function<void(const std::string&)> tell;  // a line for the app's log; may be empty
};

// Returns the newest revision of the endpoints that it found up (0: none), once all jobs are healthy.
// Error{unavailable} with the reasons and the last log lines as soon as one has failed, or at the deadline.
Task<etcd::Revision> wait_until_healthy(Cluster& cluster, HealthWait wait);

}  // namespace deis::controller
