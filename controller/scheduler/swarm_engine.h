#pragma once
// The Engine over Docker Swarm: one service per job (job_spec.h), one-off containers on this host. Its
// background work (removing the container of a one-off command that was cancelled) ends with serve().

#include "controller/scheduler/engine.h"
#include "controller/scheduler/job_spec.h"
#include "core/base/log.h"
#include "core/docker/client.h"
#include "core/net/task_group.h"

#include <functional>

namespace deis::controller {

struct SwarmOptions {
  std::string registry = "localhost:5000";
  std::string subnet = "172.30.0.0/16";  // of the network deis-apps, made when it is missing
  Roles roles;
  std::size_t max_output = 16 * 1024 * 1024;  // of a one-off command, bytes
  std::function<ContainerSettings()> settings = [] { return ContainerSettings(); };  // as they are now
};

class SwarmEngine : public Engine {
 public:
  SwarmEngine(Executor executor, docker::Client& docker, Log log, SwarmOptions options = {});

  // A part of the daemon: until cancelled.
  Task<> serve();

  Task<std::string> create(JobSpec job, Deadline deadline) override;
  Task<> remove(JobName job, Deadline deadline) override;
  Task<> restart(JobName job, Deadline deadline) override;
  Task<std::vector<JobStatus>> status(std::optional<AppId> app, Deadline deadline) override;
  Task<RunResult> run(JobSpec job, Deadline deadline) override;
  Task<std::unique_ptr<AttachedJob>> run_attached(
      JobSpec job, AttachOptions options, Deadline deadline) override;
  Task<std::string> last_log_lines(JobName job, int lines, Deadline deadline) override;
  Task<> remove_app_images(AppId app, Deadline deadline) override;
  Task<> watch(std::function<void(const JobChange&)> tell) override;

 private:
  Task<> ensure_network(Deadline deadline);
  Task<docker::ContainerSpec> one_off(JobSpec job, Deadline deadline);
  Task<> add_one_offs(std::vector<JobStatus>& list, std::optional<AppId> app, Deadline deadline);
  Task<> explain_failure(JobStatus& status, std::string container, Deadline deadline);
  Task<> remove_one_offs(JobName job, Deadline deadline);
  void discard_later(std::string container);
  Task<> discard(std::string container);
  Task<> follow_events(const std::function<void(const JobChange&)>& tell);

  Executor executor_;
  docker::Client& docker_;
  Log log_;
  SwarmOptions options_;
  net::TaskGroup background_;
  bool network_ready_ = false, serving_ = true;
};

}  // namespace deis::controller
