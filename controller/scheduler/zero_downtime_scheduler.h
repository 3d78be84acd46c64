#pragma once
// The Scheduler of the platform: roll-outs over an Engine, with publishers and routers met in etcd. Its run()
// is a part of the daemon; everything it leaves behind an answer (ending old containers, undoing a failed
// roll-out) belongs to it.

#include "controller/scheduler/cluster.h"
#include "controller/scheduler/registry_client.h"
#include "controller/scheduler/retire_queue.h"
#include "controller/scheduler/scheduler.h"

#include <memory>
#include <set>

namespace deis::controller {

class Rollout;

class ZeroDowntimeScheduler : public Scheduler {
 public:
  // `registry` may be null: then images are left there.
  ZeroDowntimeScheduler(
      Executor executor,
      Engine& engine,
      etcd::Client& etcd,
      RegistryClient* registry,
      Log log,
      SchedulerOptions options = {});
  ~ZeroDowntimeScheduler() override;

  Task<> roll_out(RolloutPlan plan) override;
  Task<> end_canary(AppId app, std::vector<JobName> jobs, OnPhase on_phase) override;
  Task<> restart(RestartPlan plan) override;
  Task<RunResult> run(JobSpec job) override;
  Task<AttachedRun> run_attached(JobSpec job, AttachOptions options) override;
  Task<std::vector<JobStatus>> status(AppId app) override;
  Task<> publish_app(AppId app, std::int64_t release, std::vector<IpNetwork> config_allowlist = {}) override;
  Task<> publish_policy(AppId app, ReadPolicy read) override;
  Task<> destroy_app(AppId app, OnPhase on_phase) override;

  // Follows etcd and works off what is left behind, until cancelled.
  Task<> run();

  // For the reconciler.
  Cluster& cluster() { return cluster_; }
  RetireQueue& retiring() { return queue_; }
  const std::set<JobName>& one_offs() const { return one_offs_; }  // whose end somebody waits for

 private:
  std::shared_ptr<void> take_in_hand(const JobName& one_off);
  Task<> undo(std::shared_ptr<Rollout> rollout, std::shared_ptr<bool> done);
  Task<> remove_containers(AppId app);

  RouteTable routes_;
  ClusterView view_;
  Background background_;
  Cluster cluster_;
  RegistryClient* registry_;
  RetireQueue queue_;
  std::set<JobName> one_offs_;
};

}  // namespace deis::controller
