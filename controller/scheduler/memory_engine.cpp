#include "controller/scheduler/memory_engine.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/json/json.h"
#include "core/net/event.h"

#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>

#include <csignal>

namespace deis::controller {
namespace {

constexpr int kCrashLoop = 5;  // failures that a crashing container shows

Error refused(const char* what, const JobName& job) {
  return Error(ErrorCode::unavailable, fmt::format("{} of {} failed", what, job.str()));
}

}  // namespace

const JobSpec* MemoryEngine::spec(const JobName& job) const {
  const auto found = jobs_.find(job);
  return found == jobs_.end() ? nullptr : &found->second.spec;
}

void MemoryEngine::crash(const JobName& name) {
  Job& job = jobs_.at(name);
  job.status.failures += kCrashLoop;
  const int code = script_of(name).exit_code;
  job.status.detail = fmt::format("exited with code {}", code);
  set_state(job, JobState::crashed);
}

Task<std::string> MemoryEngine::create(JobSpec spec, Deadline) {
  co_await begin_call("create");
  const auto known = jobs_.find(spec.name);
  if (known != jobs_.end() && known->second.spec == spec) co_return known->second.service;
  if (known != jobs_.end()) co_await remove(spec.name, Deadline::max());

  const std::string service = fmt::format("service-{}", ++services_);
  Job made{.spec = spec, .service = service, .status = JobStatus{.name = spec.name}};
  Job& job = jobs_.emplace(spec.name, std::move(made)).first->second;
  if (script_of(spec.name).refuse_create || happens(rates_.create)) {
    set_state(job, JobState::error);
    throw refused("creation", spec.name);
  }
  set_state(job, JobState::created);
  if (start_time_.count() > 0) {
    const JobName name = spec.name;
    co_await start_later(name);
  } else {
    start(job);
  }
  co_return service;
}

// Whatever became of the job meanwhile: only one that still waits to be started is.
Task<> MemoryEngine::start_later(JobName name) {
  co_await net::sleep_for(start_time_);
  const auto found = jobs_.find(name);
  if (found != jobs_.end() && found->second.status.state == JobState::created) start(found->second);
}

void MemoryEngine::clear() {
  auto ended = std::move(jobs_);
  jobs_.clear();
  for (auto& [name, job] : ended) {
    if (job.terminal) job.terminal->end(128 + SIGKILL);
    set_state(job, JobState::destroyed);
  }
}

Task<> MemoryEngine::remove(JobName name, Deadline) {
  co_await begin_call("remove");
  const auto known = jobs_.find(name);
  if (known == jobs_.end()) co_return;
  if (script_of(name).refuse_remove || happens(rates_.destroy)) {
    set_state(known->second, JobState::error);
    throw refused("removal", name);
  }
  Job gone = std::move(known->second);
  jobs_.erase(known);
  if (gone.terminal) gone.terminal->end(128 + SIGKILL);
  set_state(gone, JobState::destroyed);
}

Task<> MemoryEngine::restart(JobName name, Deadline) {
  co_await begin_call("restart");
  const auto known = jobs_.find(name);
  if (known == jobs_.end()) throw Error(ErrorCode::not_found, "there is no container " + name.str());
  if (happens(rates_.stop)) {
    set_state(known->second, JobState::crashed);
    throw refused("stopping", name);
  }
  set_state(known->second, JobState::down);
  start(known->second);
  co_return;
}

Task<std::vector<JobStatus>> MemoryEngine::status(std::optional<AppId> app, Deadline) {
  co_await begin_call("status");
  std::vector<JobStatus> list;
  for (const auto& [name, job] : jobs_) {
    if (app && name.app != *app) continue;
    list.push_back(job.status);
    if (job.status.state != JobState::up) continue;
    const auto ran = std::chrono::steady_clock::now() - job.since;
    list.back().running_for_ms = std::chrono::duration_cast<std::chrono::milliseconds>(ran).count();
  }
  co_return list;
}

// Says what it was asked to run, as JSON.
Task<RunResult> MemoryEngine::run(JobSpec job, Deadline) {
  co_await begin_call("run");
  if (happens(rates_.run)) throw refused("run", job.name);
  const json::object echo{
      {"name", job.name.str()},
      {"image", job.image},
      {"entrypoint", json::to_value(job.entrypoint)},
      {"arguments", json::to_value(job.arguments)}};
  co_return RunResult{.exit_code = 0, .output = json::to_text(echo)};
}

Task<std::unique_ptr<AttachedJob>> MemoryEngine::run_attached(JobSpec spec, AttachOptions options, Deadline) {
  co_await begin_call("run_attached");
  if (happens(rates_.run)) throw refused("run", spec.name);
  const JobName name = spec.name;
  auto terminal = std::make_shared<MemoryTerminal>(co_await asio::this_coro::executor, options);
  JobStatus status{.name = name, .container_id = fmt::format("container-{}", ++containers_)};
  Job job{.spec = std::move(spec), .status = std::move(status), .since = std::chrono::steady_clock::now()};
  job.terminal = terminal;
  Job& placed = jobs_.insert_or_assign(name, std::move(job)).first->second;
  set_state(placed, JobState::up);
  co_return attach_to(terminal, [this, name, terminal] { forget(name, terminal); });
}

// Unless somebody removed it, or another one has its name.
void MemoryEngine::forget(const JobName& job, const std::shared_ptr<MemoryTerminal>& terminal) {
  const auto known = jobs_.find(job);
  if (known == jobs_.end() || known->second.terminal != terminal) return;
  Job gone = std::move(known->second);
  jobs_.erase(known);
  set_state(gone, JobState::destroyed);
}

Task<std::string> MemoryEngine::last_log_lines(JobName job, int lines, Deadline) {
  co_await begin_call("last_log_lines");
  const std::string log = script_of(job).log;
  auto all = split(trim(log), '\n');
  if (all.size() > static_cast<std::size_t>(lines)) all.erase(all.begin(), all.end() - lines);
  const std::vector<std::string> last(all.begin(), all.end());
  co_return join(last, "\n");
}

Task<> MemoryEngine::remove_app_images(AppId, Deadline) {
  co_await begin_call("remove_app_images");
}

Task<> MemoryEngine::watch(std::function<void(const JobChange&)> tell) {
  const auto place = watchers_.insert(watchers_.end(), std::move(tell));
  net::Event never(co_await asio::this_coro::executor);
  std::exception_ptr end;
  try {
    for (;;) co_await never.wait(Deadline::max());
  } catch (...) {
    end = std::current_exception();
  }
  watchers_.erase(place);
  std::rethrow_exception(end);
}

Task<> MemoryEngine::begin_call(std::string_view call) {
  if (before_call_) co_await before_call_(call);
}

bool MemoryEngine::happens(double rate) {
  return rate > 0 && std::uniform_real_distribution<double>(0, 1)(random_) < rate;
}

void MemoryEngine::start(Job& job) {
  job.status.container_id = fmt::format("container-{}", ++containers_);
  job.since = std::chrono::steady_clock::now();
  if (script_of(job.spec.name).crash || happens(rates_.start)) {
    crash(job.spec.name);
    return;
  }
  job.status.detail.clear();
  set_state(job, JobState::up);
}

void MemoryEngine::set_state(Job& job, JobState state) {
  job.status.state = state;
  if (observer_) observer_(job.spec.name, state, job.status.container_id);
  const bool ended = state == JobState::crashed || state == JobState::error;
  const JobChange change{
      .job = job.spec.name,
      .state = state,
      .container = job.status.container_id,
      .detail = ended ? job.status.detail : ""};
  for (const auto& tell : watchers_) tell(change);
}

MemoryEngine::Script MemoryEngine::script_of(const JobName& job) const {
  const auto found = scripts_.find(job.str());
  return found == scripts_.end() ? Script{} : found->second;
}

}  // namespace deis::controller
