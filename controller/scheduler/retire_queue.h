#pragma once
// Ends containers without dropping a request, behind the answer to the user: out of service at the routers;
// then each is removed as soon as its requests in flight are done, or when the app's drain timeout is over.
// Every step looks at what is and repeats harmlessly, so a
// failure is tried again with back-off, and after a restart of the controller the reconciler just adds the
// jobs once more.

#include "controller/scheduler/cluster.h"
#include "controller/scheduler/scheduler.h"

#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

namespace deis::controller {

class RetireQueue {
 public:
  explicit RetireQueue(Cluster& cluster) : cluster_(cluster) {}

  // Those that are in it already are left alone. `on_phase` is told when the jobs are drained and retired; at
  // once when there is nothing to do.
  void add(const AppId& app, std::vector<JobName> jobs, OnPhase on_phase = nullptr);
  std::set<JobName> jobs() const;

  // These jobs are wanted again. The ones that are not being removed yet leave the queue (and stay marked as
  // draining until somebody takes the mark away); the others are waited for. Error{conflict} at the deadline.
  Task<> reclaim(std::vector<JobName> jobs, Deadline deadline);
  // Whether all of these are done at the deadline or before.
  Task<bool> wait_until_done(std::vector<JobName> jobs, Deadline deadline);
  // Waits until ending these was tried, or the deadline. Those that could not be ended leave the queue and
  // are in service again; they come back, with the reason.
  struct Failed {
    std::vector<JobName> jobs;
    std::string reason;
  };
  Task<Failed> give_back_failed(AppId app, std::vector<JobName> jobs, Deadline deadline);
  // The app is going away: somebody else removes everything.
  void forget(const AppId& app);
  void forget_all();

 private:
  struct Batch {
    AppId app;
    OnPhase on_phase;
    std::set<JobName> jobs;
    std::map<JobName, std::string> endpoints;  // addresses seen while they were known
    std::optional<Deadline> drained_by;        // set when no router sends to them any more
    std::set<JobName> ending;                  // removed, or tried to: not given back
    bool tried = false;                        // to remove all of them, at least once
    std::map<JobName, std::string> failed;     // at the last attempt, and why
  };

  Task<> work_off(std::shared_ptr<Batch> batch);
  Task<> retire(std::shared_ptr<Batch> batch);
  Task<> take_out_of_service(std::shared_ptr<Batch> batch);
  Task<> end_as_they_drain(std::shared_ptr<Batch> batch);
  Task<std::vector<JobName>> drained(std::shared_ptr<Batch> batch);
  Task<> remove(std::shared_ptr<Batch> batch, std::vector<JobName> jobs);
  Task<> take_marks_away(std::shared_ptr<Batch> batch);

  Cluster& cluster_;
  std::list<std::shared_ptr<Batch>> batches_;
};

}  // namespace deis::controller
