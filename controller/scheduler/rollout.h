#pragma once
// One roll-out: the phases of ARCHITECTURE.md §3 "A release". go() ends with the routers at the new release,
// or it throws and undo() puts back what it changed.

#include "controller/scheduler/cluster.h"
#include "controller/scheduler/health.h"
#include "controller/scheduler/retire_queue.h"
#include "controller/scheduler/scheduler.h"

namespace deis::controller {

class Rollout {
 public:
  Rollout(Cluster& cluster, RetireQueue& queue, RolloutPlan plan);

  Task<> go();
  void retire_old();  // after go()
  Task<> undo();      // after go() threw

 private:
  Task<> look();
  Task<> clear_leftovers();
  Task<> let_finish(std::vector<std::string> endpoints);
  Task<> start();
  Task<etcd::Revision> wait_healthy();
  Task<> switch_route(etcd::Revision newest_endpoint);
  Task<> wait_until_applied(etcd::Revision revision);
  RouteChange the_switch() const;
  std::vector<JobName> start_names() const;

  Cluster& cluster_;
  RetireQueue& queue_;
  RolloutPlan plan_;
  RouteEntry route_before_;
  std::map<JobName, JobStatus> jobs_before_;
  std::map<JobName, Before> before_;
  std::vector<JobName> started_;  // by this roll-out, perhaps
  bool switched_ = false;
};

}  // namespace deis::controller
