#include "controller/scheduler/restart.h"

#include "controller/scheduler/health.h"
#include "controller/scheduler/parallel.h"
#include "controller/scheduler/routers.h"
#include "core/base/error.h"

#include <algorithm>

namespace deis::controller {
namespace {

using Statuses = std::map<JobName, JobStatus>;

Task<Statuses> look(Cluster& cluster, AppId app) {
  const std::optional<AppId> one = app;
  auto list = co_await cluster.engine.status(one, in(cluster.options.engine_call));
  Statuses statuses;
  for (auto& status : list) statuses.insert_or_assign(status.name, std::move(status));
  co_return statuses;
}

std::set<JobName> serving(const Cluster& cluster, const Statuses& statuses, const RouteEntry& route) {
  std::set<JobName> jobs;
  for (const auto& [job, unused] : statuses) {
    const auto* endpoint = cluster.view.endpoint(job);
    const bool routed = job.release == route.release && !route.draining.contains(job.str());
    if (endpoint && endpoint->is_up() && routed) jobs.insert(job);
  }
  return jobs;
}

using Time = std::chrono::milliseconds;
struct Times {
  Time start, drain;
};

Task<> take_out_of_service(
    Cluster& cluster,
    AppId app,
    std::set<std::string> jobs,
    std::vector<std::string> endpoints,
    Time drain_time) {
  RouteChange drain{.drain = std::move(jobs)};
  const auto revision = co_await cluster.routes.change(app, std::move(drain), in(cluster.options.etcd_call));
  co_await wait_for_routers(cluster, revision);
  co_await wait_until_idle(cluster, std::move(endpoints), in(drain_time));
}

Task<> replace(Cluster& cluster, std::vector<JobName> jobs, const Statuses& statuses, Time start_time) {
  HealthWait wait{.jobs = jobs};
  for (const auto& job : jobs) {
    Before& before = wait.before[job];
    if (const auto known = statuses.find(job); known != statuses.end()) {
      before.containers.insert(known->second.container_id);
      before.failures = known->second.failures;
    }
    if (const auto* endpoint = cluster.view.endpoint(job)) before.containers.insert(endpoint->container);
  }
  const auto restart = [&](std::size_t i) -> Task<> {
    co_await cluster.engine.restart(jobs[i], in(cluster.options.engine_call));
  };
  const auto failures = co_await for_each(jobs.size(), cluster.options.parallel, restart);
  if (!failures.empty()) throw Error(ErrorCode::unavailable, message_of(failures.front()));
  wait.deadline = in(start_time);
  co_await wait_until_healthy(cluster, std::move(wait));
}

// Runs `step`; what it throws is logged, except for cancellation. "" or what it threw.
Task<std::string> attempt(Cluster& cluster, const char* what, Task<> step) {
  try {
    co_await std::move(step);
    co_return "";
  } catch (const Error& error) {
    if (error.code() == ErrorCode::canceled) throw;
    cluster.log.warning(what, {{"why", error.what()}});
    co_return error.what();
  }
}

Task<> run_wave(
    Cluster& cluster,
    AppId app,
    RestartWave wave,
    const Statuses& statuses,
    Times times,
    const OnPhase& on_phase) {
  std::vector<std::string> endpoints;
  for (const auto& job : wave.jobs) {
    if (const auto* endpoint = cluster.view.endpoint(job)) endpoints.push_back(endpoint->address);
  }
  if (!wave.drain.empty()) {
    auto drained = take_out_of_service(cluster, app, wave.drain, std::move(endpoints), times.drain);
    const std::string why = co_await attempt(
        cluster, "restart: the routers still send to containers that stop", std::move(drained));
    if (why.empty()) tell(on_phase, Phase::drained, short_names(wave.jobs));
  }
  auto replaced = replace(cluster, wave.jobs, statuses, times.start);
  const std::string why =
      co_await attempt(cluster, "restart: not every container came back", std::move(replaced));
  if (why.empty()) {
    tell(on_phase, Phase::healthy, short_names(wave.jobs));
  } else {
    tell(on_phase, Phase::failed, why);
  }
  RouteChange undrain{.undrain = wave.drain};
  co_await cluster.routes.change(app, std::move(undrain), in(cluster.options.etcd_call));
}

}  // namespace

std::vector<RestartWave> restart_waves(
    const std::vector<JobName>& selected, const std::set<JobName>& serving) {
  std::vector<JobName> serve, rest;
  for (const auto& job : selected) (serving.contains(job) ? serve : rest).push_back(job);
  const bool others_serve = serving.size() > serve.size();
  const std::size_t in_second = others_serve || serve.size() < 2 ? 0 : (serve.size() + 1) / 2;
  const bool can_drain = others_serve || in_second > 0;

  RestartWave first{.jobs = std::move(rest)}, second;
  for (std::size_t i = 0; i < serve.size(); ++i) {
    RestartWave& wave = i < serve.size() - in_second ? first : second;
    wave.jobs.push_back(serve[i]);
    if (can_drain) wave.drain.insert(serve[i].str());
  }
  std::vector<RestartWave> waves;
  if (!first.jobs.empty()) waves.push_back(std::move(first));
  if (!second.jobs.empty()) waves.push_back(std::move(second));
  return waves;
}

Task<> restart_jobs(
    Cluster& cluster, AppId app, std::vector<JobName> jobs, Time start_time, const OnPhase& on_phase) {
  const auto entry = co_await cluster.routes.get(app, in(cluster.options.etcd_call));
  const RouteEntry route = entry.value_or(RouteEntry{});
  const Times times{.start = start_time, .drain = drain_time(cluster.options, route.policy)};
  const Statuses statuses = co_await look(cluster, app);
  std::erase_if(jobs, [&](const JobName& job) { return !statuses.contains(job); });
  auto waves = restart_waves(jobs, serving(cluster, statuses, route));
  for (auto& wave : waves) co_await run_wave(cluster, app, std::move(wave), statuses, times, on_phase);
}

}  // namespace deis::controller
