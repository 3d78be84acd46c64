#pragma once
// Scheduler: makes the cluster run what a release wants, without dropping a request (ARCHITECTURE.md §3).
// It decides nothing about releases: the domain layer gives it complete JobSpecs and rolls back its rows when
// it throws. Callers hold the app's lock (domain/app_lock.h): one mutating operation per app at a time.

#include "controller/scheduler/engine.h"
#include "controller/scheduler/route_table.h"
#include "core/base/error.h"

#include <functional>
#include <string>
#include <vector>

namespace deis::controller {

struct RolloutPlan {
  AppId app;
  std::int64_t release = 1;     // becomes the live release when all of `start` are healthy
  std::vector<JobSpec> start;   // containers of the release; those that run already are kept
  std::vector<JobName> retire;  // containers to end once no router sends to them
  HealthChecks checks;          // of the app: how long `start` may take
  // Goes with the switch to the release; nullopt: it stays as it is.
  std::optional<std::vector<IpNetwork>> config_allowlist;
  // Containers that do not come up stay, for everybody to see, instead of failing the roll-out (a scaling
  // without a health check, contract api.md §5.4).
  bool keeps_crashed = false;
  // Waits, bounded, for the first attempt to end `retire`, and throws NotEnded when it fails (a scaling).
  // Else that is tried again behind the answer until it succeeds.
  bool waits_for_ends = false;
  // A line for the app's log ("app failed health check ...").
  std::function<void(const std::string&)> tell;
};

// A roll-out that did not come about. what() is the whole story; clients have always compared `summary`
// (contract api.md §10.4), so it stands alone in an answer and `reason` beside it.
class Aborted : public Error {
 public:
  Aborted(const std::string& summary, std::string reason)
      : Error(ErrorCode::unavailable, summary + ": " + reason),
        summary_(summary),
        reason_(std::move(reason)) {}
  const std::string& summary() const { return summary_; }
  const std::string& reason() const { return reason_; }

 private:
  std::string summary_, reason_;
};

// Some containers could not be ended: they serve as before. The others are gone.
class NotEnded : public Aborted {
 public:
  NotEnded(std::vector<JobName> jobs, std::string reason)
      : Aborted("aborting, failed to destroy some containers", std::move(reason)), jobs_(std::move(jobs)) {}
  const std::vector<JobName>& jobs() const { return jobs_; }

 private:
  std::vector<JobName> jobs_;
};

class Scheduler {
 public:
  virtual ~Scheduler() = default;

  // Start, wait healthy, switch the route, wait for the routers, retire in the background.
  // Throws Aborted ("aborting, failed to create some containers", "aborting, app containers failed to respond
  // to health check", ...); then everything it started is removed and the route is as before.
  virtual Task<> roll_out(RolloutPlan plan) = 0;

  // Failures show in the state only (contract §5.8). `checks` and `env` tell how long a container may take to
  // start.
  virtual Task<> restart(
      std::vector<JobName> jobs, HealthChecks checks, std::map<std::string, std::string> env) = 0;
  virtual Task<RunResult> run(JobSpec job) = 0;
  virtual Task<std::vector<JobStatus>> status(AppId app) = 0;

  // The app's route entry (/deis/apps/<app>) exists from creation to destruction.
  virtual Task<> publish_app(
      AppId app, std::int64_t release, std::vector<IpNetwork> config_allowlist = {}) = 0;
  // Writes the app's policy, as `read` tells it, into the entry; returns when every live router obeys it.
  virtual Task<> publish_policy(AppId app, ReadPolicy read) = 0;
  // Removes containers, route, endpoints, local images and registry tags. Idempotent.
  virtual Task<> destroy_app(AppId app) = 0;
};

// Wanted state for the reconciler: all apps with their live release and jobs, read from PostgreSQL by the
// domain layer.
struct WantedApp {
  AppId app;
  std::int64_t release = 1;
  std::vector<JobSpec> jobs;
  std::vector<std::string> domains;  // written again when etcd has lost them
  AppPolicy policy;
  std::vector<IpNetwork> config_allowlist;  // of the live release
};
using ReadWanted = std::function<Task<std::vector<WantedApp>>()>;

}  // namespace deis::controller
