#include "controller/scheduler/swarm_engine.h"

#include "controller/scheduler/docker_terminal.h"
#include "controller/scheduler/job_changes.h"
#include "controller/scheduler/job_status.h"
#include "controller/scheduler/one_off.h"
#include "controller/scheduler/parallel.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/net/backoff.h"
#include "core/net/event.h"

#include <algorithm>

namespace deis::controller {
namespace {

using docker::TaskInfo;

constexpr int kConflicts = 5;  // attempts to create a service whose name is being given free

std::vector<std::string> label_filters(const std::string& role, const std::optional<AppId>& app) {
  std::vector<std::string> filters{kRoleLabel + ("=" + role)};
  if (app) filters.push_back(std::string(kAppLabel) + "=" + app->str());
  return filters;
}

std::string label_or_empty(const docker::Labels& labels, const char* name) {
  const auto found = labels.find(name);
  return found == labels.end() ? "" : found->second;
}

// Newest first.
void sort_by_age(std::vector<TaskInfo>& tasks) {
  std::sort(tasks.begin(), tasks.end(), [](const TaskInfo& a, const TaskInfo& b) {
    return parse_rfc3339(a.created_at) > parse_rfc3339(b.created_at);
  });
}

}  // namespace

SwarmEngine::SwarmEngine(Executor executor, docker::Client& docker, Log log, SwarmOptions options)
    : executor_(executor), docker_(docker), log_(log), options_(std::move(options)), background_(executor) {}

Task<> SwarmEngine::serve() {
  const auto until_cancelled = [](Executor executor) -> Task<> {
    net::Event never(executor);
    for (;;) co_await never.wait(Deadline::max());
  };
  background_.spawn(until_cancelled(executor_));
  std::exception_ptr end;
  try {
    co_await background_.join();
  } catch (...) {
    end = std::current_exception();
  }
  serving_ = false;
  if (end) std::rethrow_exception(end);
}

Task<> SwarmEngine::ensure_network(Deadline deadline) {
  if (network_ready_) co_return;
  const auto existing = co_await docker_.network(kAppNetwork, deadline);
  if (!existing) co_await docker_.create_app_network(kAppNetwork, options_.subnet, deadline);
  network_ready_ = true;
}

Task<std::string> SwarmEngine::create(JobSpec job, Deadline deadline) {
  co_await ensure_network(deadline);
  const auto spec = service_spec(job, options_.roles, options_.settings());
  std::string trouble;
  for (int attempt = 0; attempt < kConflicts; ++attempt) {
    try {
      co_return co_await docker_.create_service(spec, deadline);
    } catch (const Error& error) {
      network_ready_ = false;  // perhaps somebody removed it
      if (error.code() != ErrorCode::conflict) throw;
      trouble = error.what();
    }
    const auto existing = co_await docker_.service(spec.name, deadline);
    if (!existing) continue;
    if (label_or_empty(existing->labels, kSpecLabel) == spec.labels.at(kSpecLabel)) co_return existing->id;
    co_await docker_.remove_service(existing->id, deadline);
  }
  throw Error(ErrorCode::conflict, "service " + spec.name + ": " + trouble);
}

Task<> SwarmEngine::remove(JobName job, Deadline deadline) {
  if (job.type.str() == "run") {
    co_await remove_one_offs(std::move(job), deadline);
  } else {
    co_await docker_.remove_service(service_name(job), deadline);
  }
}

Task<> SwarmEngine::restart(JobName job, Deadline deadline) {
  co_await docker_.replace_tasks(service_name(job), deadline);
}

Task<std::vector<JobStatus>> SwarmEngine::status(std::optional<AppId> app, Deadline deadline) {
  const auto services = co_await docker_.services(label_filters(options_.roles.app, app), deadline);
  std::vector<std::string> filters;
  for (const auto& label : label_filters(options_.roles.app, app)) filters.push_back("label=" + label);
  const auto tasks = co_await docker_.tasks(std::move(filters), deadline);

  std::map<std::string, std::vector<TaskInfo>> by_service;
  for (const auto& task : tasks) by_service[task.service_id].push_back(task);
  std::vector<JobStatus> list;
  for (const auto& service : services) {
    auto job = job_of(service.labels);
    if (!job) continue;
    auto& own = by_service[service.id];
    list.push_back(job_status(std::move(*job), own, std::chrono::system_clock::now()));
    if (list.back().state == JobState::crashed)
      co_await explain_failure(list.back(), failed_container(own), deadline);
  }
  co_await add_one_offs(list, std::move(app), deadline);
  co_return list;
}

// Swarm tells the exit code; that it was for lack of memory only the container knows.
Task<> SwarmEngine::explain_failure(JobStatus& status, std::string container, Deadline deadline) {
  if (container.empty()) co_return;
  try {
    const auto details = co_await docker_.inspect_container(container, deadline);
    if (details.oom_killed) status.detail += " (out of memory)";
    if (!details.error.empty()) status.detail += ": " + details.error;
  } catch (const Error& error) {
    // It is removed already, or on another host: then this is all there is to say.
    if (error.code() != ErrorCode::not_found) throw;
  }
}

Task<> SwarmEngine::add_one_offs(std::vector<JobStatus>& list, std::optional<AppId> app, Deadline deadline) {
  const auto containers =
      co_await docker_.containers(true, label_filters(options_.roles.one_off, app), deadline);
  for (const auto& container : containers) {
    auto job = job_of(container.labels);
    if (!job) continue;
    JobStatus status{.name = std::move(*job), .container_id = container.id};
    status.state = container.state == "running" ? JobState::up : JobState::down;
    list.push_back(std::move(status));
  }
}

Task<> SwarmEngine::remove_one_offs(JobName job, Deadline deadline) {
  const std::optional<AppId> app = job.app;
  const auto containers =
      co_await docker_.containers(true, label_filters(options_.roles.one_off, app), deadline);
  for (const auto& container : containers) {
    const auto its_job = job_of(container.labels);
    if (its_job && *its_job == job) co_await remove_quietly(docker_, container.id, deadline);
  }
}

Task<docker::ContainerSpec> SwarmEngine::one_off(JobSpec job, Deadline deadline) {
  const ContainerSettings settings = options_.settings();
  std::string node;
  if (settings.host_name == ContainerSettings::HostName::node) {
    node = co_await docker_.host_name(deadline);
  }
  co_return one_off_spec(job, options_.roles, settings, node);
}

Task<RunResult> SwarmEngine::run(JobSpec job, Deadline deadline) {
  co_await ensure_network(deadline);
  docker::ContainerSpec spec = co_await one_off(job, deadline);
  const std::string container =
      co_await create_one_off(docker_, service_name(job.name), std::move(spec), deadline);
  RunResult result;
  std::exception_ptr failure;
  try {
    result = co_await watch_one_off(docker_, container, options_.max_output, deadline);
  } catch (...) {
    failure = std::current_exception();
  }
  discard_later(container);
  if (failure) std::rethrow_exception(failure);
  co_return result;
}

Task<std::unique_ptr<AttachedJob>> SwarmEngine::run_attached(
    JobSpec job, AttachOptions options, Deadline deadline) {
  co_await ensure_network(deadline);
  docker::ContainerSpec spec = co_await one_off(job, deadline);
  spec.tty = options.tty;
  spec.open_stdin = true;
  const std::string container =
      co_await create_one_off(docker_, service_name(job.name), std::move(spec), deadline);
  std::function<void()> discard = [this, container] { discard_later(container); };
  co_return co_await start_attached(docker_, container, options, std::move(discard), deadline);
}

// A cancelled task can wait for nothing more: behind its back. At our end it is left to the reconciler of the
// next controller.
void SwarmEngine::discard_later(std::string container) {
  if (serving_) background_.spawn(discard(std::move(container)));
}

// What is left when this fails is removed by the reconciler, as nobody waits for it.
Task<> SwarmEngine::discard(std::string container) {
  try {
    co_await remove_quietly(docker_, container, in(std::chrono::seconds(30)));
  } catch (const Error& error) {
    if (error.code() == ErrorCode::canceled) throw;
    log_.warning(
        "the container of a one-off command cannot be removed", {{"id", container}, {"why", error.what()}});
  }
}

// The newest container that wrote something: the current one may just have begun.
Task<std::string> SwarmEngine::last_log_lines(JobName job, int lines, Deadline deadline) {
  try {
    std::vector<std::string> filters(1, "service=" + service_name(job));
    auto tasks = co_await docker_.tasks(std::move(filters), deadline);
    std::erase_if(tasks, [](const TaskInfo& task) { return task.container_id.empty(); });
    sort_by_age(tasks);
    for (const auto& task : tasks) {
      auto text = co_await last_lines(docker_, task.container_id, lines, deadline);
      if (!text.empty()) co_return text;
    }
  } catch (const Error& error) {
    if (error.code() != ErrorCode::not_found) throw;  // no such service, or its container is gone
  }
  co_return "";
}

Task<> SwarmEngine::watch(std::function<void(const JobChange&)> tell) {
  net::Backoff backoff(std::chrono::milliseconds(500), std::chrono::seconds(15));
  for (;;) {
    std::string trouble = "it ended the answer";
    try {
      co_await follow_events(tell);
      backoff.reset();
    } catch (const Error& error) {
      if (error.code() == ErrorCode::canceled) throw;
      trouble = error.what();
    }
    log_.warning("events of the engine are missed", {{"why", trouble}});
    const auto pause = backoff.next();
    co_await net::sleep_for(pause);
  }
}

Task<> SwarmEngine::follow_events(const std::function<void(const JobChange&)>& tell) {
  const std::vector<std::string> types(1, "container");
  const auto events = co_await docker_.events(types, in(std::chrono::seconds(10)));
  JobChanges changes;
  for (;;) {
    const auto event = co_await events->next(Deadline::max());
    if (!event) co_return;
    const std::string role = label_or_empty(event->attributes, kRoleLabel);
    if (role != options_.roles.app && role != options_.roles.one_off) continue;
    if (const auto change = changes.read(*event)) tell(*change);
  }
}

Task<> SwarmEngine::remove_app_images(AppId app, Deadline deadline) {
  const std::string repository = options_.registry + "/" + app.str();
  std::vector<std::string> filters(1, repository);
  const auto images = co_await docker_.images(std::move(filters), deadline);
  for (const auto& image : images) {
    for (const auto& tag : image.tags) {
      if (!tag.starts_with(repository + ":")) continue;  // another name of the same image
      try {
        co_await docker_.remove_image(tag, true, deadline);
      } catch (const Error& error) {
        if (error.code() != ErrorCode::not_found) throw;
      }
    }
  }
}

}  // namespace deis::controller
