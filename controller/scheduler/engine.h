#pragma once
// Engine: the cluster that runs containers, as the scheduler sees it. Two implementations: SwarmEngine
// (Docker Swarm) and MemoryEngine (tests and the stand-alone mode, with injectable failures). Both pass the
// same contract test. All operations are idempotent: creating what exists with the same spec and removing
// what is gone succeed.

#include "controller/scheduler/attached_job.h"
#include "core/base/names.h"
#include "core/net/task.h"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace deis::controller {

inline constexpr std::int64_t kDefaultPids = 512;

// What one app container is made of: a value, compared to find differences.
struct JobSpec {
  JobName name;
  std::string image;                    // localhost:5000/shop:git-1234abcd
  std::vector<std::string> entrypoint;  // empty: the image's
  std::vector<std::string> arguments;   // empty: the image's CMD
  std::map<std::string, std::string> env;
  std::int64_t memory_bytes = 0;            // 0: no limit
  std::int64_t cpu_shares = 0;              // of 1024 for a whole processor; 0: no limit
  std::int64_t pids_limit = 0;              // processes and threads; 0: kDefaultPids
  std::map<std::string, std::string> tags;  // node labels that must match
  bool operator==(const JobSpec&) const = default;
};

// What the operator decides about all containers (contract api.md §6.1). It holds for containers made from
// then on, so a JobSpec does not know it.
struct ContainerSettings {
  enum class HostName { engine, job, node };  // what `hostname` says inside; engine: what Docker makes up
  HostName host_name = HostName::engine;
  bool only_data_plane = false;  // only on nodes with the label dataPlane=true; not of one-off containers
};

enum class JobState { initialized, created, up, down, crashed, error, destroyed };  // contract api.md §4.9
std::string_view name_of(JobState state);

struct JobStatus {
  JobName name;
  JobState state = JobState::initialized;
  std::string detail;        // why it is not up: task error, exit code, OOM
  int failures = 0;          // how often it ended by itself since it was created
  std::string container_id;  // of the current or last task; empty when none
  std::string node;          // host it runs on
  std::optional<std::int64_t> running_for_ms;
};

struct RunResult {
  int exit_code = 0;
  std::string output;  // standard output and error together
};

// What became of a container.
struct JobChange {
  JobName job;
  JobState state = JobState::created;  // created, up (it runs), down (it was told to end), crashed, destroyed
  std::string container;               // id; may be empty before it runs
  std::string detail;                  // why it ended
};

class Engine {
 public:
  virtual ~Engine() = default;
  // And starts it. The id of what runs it, a Swarm service: publishers tell it of its containers.
  virtual Task<std::string> create(JobSpec job, Deadline deadline) = 0;
  // One-off containers too.
  virtual Task<> remove(
      JobName job, Deadline deadline) = 0;  // SIGTERM, grace, SIGKILL; returns when it is under way
  virtual Task<> restart(JobName job, Deadline deadline) = 0;  // replace the running container
  // Status of the jobs of one app (or all), one-off containers (type `run`) included. A job that the engine
  // does not know is absent from the answer.
  virtual Task<std::vector<JobStatus>> status(std::optional<AppId> app, Deadline deadline) = 0;
  virtual Task<RunResult> run(
      JobSpec job, Deadline deadline) = 0;  // one-off; removes the container in every case
  // The same with its input and output in the caller's hands; it ends, and its container is removed, with
  // what is returned. `deadline` is that of its start. Must not outlive the engine.
  virtual Task<std::unique_ptr<AttachedJob>> run_attached(
      JobSpec job, AttachOptions options, Deadline deadline) = 0;
  virtual Task<std::string> last_log_lines(
      JobName job, int lines, Deadline deadline) = 0;                  // "" when there is none
  virtual Task<> remove_app_images(AppId app, Deadline deadline) = 0;  // local copies of <registry>/<app>:*
  // Tells what happens to containers, one-off ones too, until cancelled. A hint: what happens while the
  // engine is away, and on other hosts, is not told.
  virtual Task<> watch(std::function<void(const JobChange&)> tell) = 0;
};

}  // namespace deis::controller
