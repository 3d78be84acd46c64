#pragma once
// An Engine in memory: for tests of everything above it, and for a controller that stands alone. Operations
// fail with given probabilities, or as scripted for one job. States and transitions are those of contract
// api.md §4.9.

#include "controller/scheduler/engine.h"
#include "controller/scheduler/memory_terminal.h"

#include <chrono>
#include <functional>
#include <list>
#include <map>
#include <random>
#include <set>

namespace deis::controller {

class MemoryEngine : public Engine {
 public:
  explicit MemoryEngine(std::uint32_t seed = 1) : random_(seed) {}

  struct FailureRates {  // 0 to 1
    double create = 0, start = 0, stop = 0, destroy = 0, run = 0;
  };
  const FailureRates& failure_rates() const { return rates_; }
  void set_failure_rates(FailureRates rates) { rates_ = rates; }
  // Awaited at the begin of every call, which it is given the name of: for tests in which the engine is away
  // (it throws) or does not answer. What runs goes on.
  using BeforeCall = std::function<Task<>(std::string_view call)>;
  void before_calls(BeforeCall hook) { before_call_ = std::move(hook); }
  // How long a container takes from created to up.
  void set_start_time(std::chrono::milliseconds time) { start_time_ = time; }
  void clear();  // all jobs end at once

  // What becomes of a job, for tests; the next containers of that name follow it.
  struct Script {
    bool refuse_create = false;
    bool crash = false;  // ends again and again
    bool refuse_remove = false;
    int exit_code = 1;
    std::string log;
  };
  void script(const JobName& job, Script script) { scripts_[job.str()] = std::move(script); }

  // Called after every change of a job's container, with its id; state destroyed when it is gone.
  using OnChange = std::function<void(const JobName&, JobState, const std::string& container)>;
  void on_change(OnChange observer) { observer_ = std::move(observer); }

  // The spec of a job that exists, else nullptr.
  const JobSpec* spec(const JobName& job) const;
  void crash(const JobName& job);  // it ends by itself, and stays so

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
  struct Job {
    JobSpec spec;
    std::string service;  // id
    JobStatus status;
    Deadline since{};                          // when the container started
    std::shared_ptr<MemoryTerminal> terminal;  // of an attached one-off
  };

  void forget(const JobName& job, const std::shared_ptr<MemoryTerminal>& terminal);
  Task<> begin_call(std::string_view call);
  bool happens(double rate);
  Task<> start_later(JobName name);
  void start(Job& job);
  void set_state(Job& job, JobState state);
  Script script_of(const JobName& job) const;

  std::mt19937 random_;
  FailureRates rates_;
  BeforeCall before_call_;
  std::chrono::milliseconds start_time_{0};
  std::map<std::string, Script> scripts_;
  std::map<JobName, Job> jobs_;
  OnChange observer_;
  std::list<std::function<void(const JobChange&)>> watchers_;
  std::uint64_t containers_ = 0, services_ = 0;
};

}  // namespace deis::controller
