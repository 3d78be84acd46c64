#pragma once
// Scheduler: makes the cluster run what a release wants, without dropping a request (ARCHITECTURE.md §3).
// It decides nothing about releases: the domain layer gives it complete JobSpecs and rolls back its rows when
// it throws. Callers hold the app's lock (domain/app_lock.h): one mutating operation per app at a time.

#include "controller/scheduler/engine.h"

#include <functional>
#include <string>
#include <vector>

namespace deis::controller {

struct RolloutPlan {
  AppId app;
  std::int64_t release = 1;     // becomes the live release when all of `start` are healthy
  std::vector<JobSpec> start;   // containers of the release; those that run already are kept
  std::vector<JobName> retire;  // containers to end once no router sends to them
  // A line for the app's log ("app failed health check ...").
  std::function<void(const std::string&)> tell;
};

class Scheduler {
 public:
  virtual ~Scheduler() = default;

  // Start, wait healthy, switch the route, wait for the routers, retire in the background.
  // Error{unavailable} with the contract's text ("aborting, failed to create some containers", "aborting, app
  // containers failed to respond to health check", ...) followed by the reason; then everything it started is
  // removed and the route is as before.
  virtual Task<> roll_out(RolloutPlan plan) = 0;

  virtual Task<> restart(std::vector<JobName> jobs) = 0;  // contract §5.8: failures show in the state only
  virtual Task<RunResult> run(JobSpec job) = 0;
  virtual Task<std::vector<JobStatus>> status(AppId app) = 0;

  // The app's route entry (/deis/apps/<app>) exists from creation to destruction.
  virtual Task<> publish_app(AppId app, std::int64_t release) = 0;
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
};
using ReadWanted = std::function<Task<std::vector<WantedApp>>()>;

}  // namespace deis::controller
