#pragma once
// Scheduler: makes the cluster run what a release wants, without dropping a request (ARCHITECTURE.md §3).
// It decides nothing about releases: the domain layer gives it complete JobSpecs and rolls back its rows when
// it throws. Callers hold the app's lock (domain/app_lock.h): one mutating operation per app at a time.

#include "controller/scheduler/engine.h"
#include "controller/scheduler/route_table.h"
#include "core/base/error.h"

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace deis::controller {

// How far an operation has come. `failed` is told only by a restart, which does not throw.
enum class Phase { created, healthy, switched, drained, retired, failed };
// `detail`: the containers it is about, or why. May be called behind the answer.
using OnPhase = std::function<void(Phase, const std::string& detail)>;

struct RolloutPlan {
  AppId app;
  std::int64_t release = 1;     // is the live release when all of `start` are healthy
  std::vector<JobSpec> start;   // containers of the release; those that run already are kept
  std::vector<JobName> retire;  // containers to end once no router sends to them
  HealthChecks checks;          // of the app: how long `start` may take
  // These go with the switch to the release; nullopt: it stays as it is.
  std::optional<Canary> canary;  // `release` stays the live one, and `start` are the canary's containers
  std::optional<std::vector<IpNetwork>> config_allowlist;
  // Containers that do not come up stay, for everybody to see, instead of failing the roll-out (a scaling
  // without a health check, contract api.md §5.4).
  bool keeps_crashed = false;
  // Waits, bounded, for the first attempt to end `retire`, and throws NotEnded when it fails (a scaling).
  // Else that is tried again behind the answer until it succeeds.
  bool waits_for_ends = false;
  // A line for the app's log ("app failed health check ...").
  std::function<void(const std::string&)> tell;
  // The phases of one that succeeds; `retired` is the last, perhaps long behind roll_out(). May be empty.
  OnPhase on_phase;
};

struct RestartPlan {
  std::vector<JobName> jobs;
  // Of the app and its live release: how long a container may take to start.
  HealthChecks checks;
  std::map<std::string, std::string> env;
  OnPhase on_phase;  // may be empty
};

inline void tell(const OnPhase& on_phase, Phase phase, const std::string& detail) {
  if (on_phase) on_phase(phase, detail);
}
// "web.1 web.2": what the jobs are called within their app; the first ones when there are many.
std::string short_names(const std::set<JobName>& jobs);
std::string short_names(const std::vector<JobName>& jobs);

// An attached one-off run. Its end is that of the container.
struct AttachedRun {
  std::shared_ptr<void> in_hand;  // as long as it lives, the reconciler leaves the container alone
  std::unique_ptr<AttachedJob> job;
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

  // Takes the canary out of the route and retires its containers in the background. Returns when every router
  // has left it; Error{unavailable} names the routers that have not: they will be waited for.
  virtual Task<> end_canary(AppId app, std::vector<JobName> jobs, OnPhase on_phase) = 0;

  // Contract §5.8: failures show in the state (and as a phase) only.
  virtual Task<> restart(RestartPlan plan) = 0;
  virtual Task<RunResult> run(JobSpec job) = 0;
  virtual Task<AttachedRun> run_attached(JobSpec job, AttachOptions options) = 0;
  virtual Task<std::vector<JobStatus>> status(AppId app) = 0;

  // The app's route entry (/deis/apps/<app>) exists from creation to destruction.
  virtual Task<> publish_app(
      AppId app, std::int64_t release, std::vector<IpNetwork> config_allowlist = {}) = 0;
  // Writes the app's policy, as `read` tells it, into the entry; returns when every live router obeys it.
  virtual Task<> publish_policy(AppId app, ReadPolicy read) = 0;
  // Removes containers, route, endpoints, local images and registry tags. Idempotent.
  virtual Task<> destroy_app(AppId app, OnPhase on_phase) = 0;
};

// Wanted state for the reconciler: all apps with their live release and jobs, read from PostgreSQL by the
// domain layer.
struct WantedApp {
  AppId app;
  std::int64_t release = 1;
  std::vector<JobSpec> jobs;
  Canary canary;
  std::vector<JobSpec> canary_jobs;
  std::vector<std::string> domains;  // written again when etcd has lost them
  AppPolicy policy;
  std::vector<IpNetwork> config_allowlist;  // of the live release
};
using ReadWanted = std::function<Task<std::vector<WantedApp>>()>;

}  // namespace deis::controller
