#include "controller/scheduler/rollout.h"

#include "controller/scheduler/parallel.h"
#include "controller/scheduler/routers.h"
#include "core/base/error.h"

#include <algorithm>

namespace deis::controller {
namespace {

// Contract api.md §10.4, byte for byte.
constexpr auto kCreateFailed = "aborting, failed to create some containers";
constexpr auto kUnhealthy = "aborting, app containers failed to respond to health check";
constexpr auto kNotRouted = "aborting, not every router sends to the new containers";

}  // namespace

Rollout::Rollout(Cluster& cluster, RetireQueue& queue, RolloutPlan plan)
    : cluster_(cluster), queue_(queue), plan_(std::move(plan)) {}

Task<> Rollout::go() {
  co_await queue_.reclaim(start_names(), in(cluster_.options.gone_within));
  co_await look();
  co_await clear_leftovers();
  co_await start();
  const std::string names = short_names(start_names());
  if (!names.empty()) tell(plan_.on_phase, Phase::created, names);
  const auto newest_endpoint = co_await wait_healthy();
  if (!names.empty()) tell(plan_.on_phase, Phase::healthy, names);
  co_await switch_route(newest_endpoint);
  tell(plan_.on_phase, Phase::switched, "");
}

void Rollout::retire_old() {
  queue_.add(plan_.app, plan_.retire, plan_.on_phase);
}

Task<> Rollout::undo() {
  if (switched_ && route_before_.release != 0) {
    RouteChange back{.release = route_before_.release};
    if (plan_.canary) back.canary = route_before_.canary;
    if (plan_.config_allowlist) back.config_allowlist = route_before_.config_allowlist;
    for (const auto& job : plan_.retire) back.undrain.insert(job.str());
    co_await cluster_.routes.change(plan_.app, std::move(back), in(cluster_.options.etcd_call));
  }
  queue_.add(plan_.app, started_);
}

// What is there before anything changes.
Task<> Rollout::look() {
  const auto route = co_await cluster_.routes.get(plan_.app, in(cluster_.options.etcd_call));
  if (route) route_before_ = *route;
  const std::optional<AppId> app = plan_.app;
  auto statuses = co_await cluster_.engine.status(app, in(cluster_.options.engine_call));
  for (auto& status : statuses) jobs_before_.insert_or_assign(status.name, std::move(status));
  for (const auto& job : start_names()) {
    const auto known = jobs_before_.find(job);
    const bool keeps_running = known != jobs_before_.end() && route_before_.serves(job.release);
    Before& before = before_[job];
    if (keeps_running) {
      before.failures = known->second.failures;
      continue;
    }
    started_.push_back(job);
    if (known != jobs_before_.end()) before.containers.insert(known->second.container_id);
    if (const auto* endpoint = cluster_.view.endpoint(job)) before.containers.insert(endpoint->container);
  }
}

// Containers with the names of this release although another one is live: an attempt that nobody finished.
// What they run may be something else, and requests of that attempt may still be in flight.
Task<> Rollout::clear_leftovers() {
  std::vector<std::string> endpoints;
  for (const auto& job : started_) {
    const auto* endpoint = jobs_before_.contains(job) ? cluster_.view.endpoint(job) : nullptr;
    if (endpoint) endpoints.push_back(endpoint->address);
  }
  if (!endpoints.empty()) co_await let_finish(std::move(endpoints));
  for (const auto& job : started_) {
    if (!jobs_before_.contains(job)) continue;
    cluster_.log.info("replacing a container of an unfinished roll-out", {{"job", job.str()}});
    co_await cluster_.engine.remove(job, in(cluster_.options.engine_call));
  }
}

Task<> Rollout::let_finish(std::vector<std::string> endpoints) {
  RouteChange nothing;  // tells the revision of the route as it is
  const auto revision =
      co_await cluster_.routes.change(plan_.app, std::move(nothing), in(cluster_.options.etcd_call));
  co_await wait_until_applied(revision);
  const Deadline deadline = in(drain_time(cluster_.options, route_before_.policy));
  const bool idle = co_await wait_until_idle(cluster_, std::move(endpoints), deadline);
  if (!idle) cluster_.log.warning("requests are cut off: they took too long", {{"app", plan_.app.str()}});
}

Task<> Rollout::start() {
  const auto create = [this](std::size_t i) -> Task<> {
    auto service = co_await cluster_.engine.create(plan_.start[i], in(cluster_.options.engine_call));
    before_[plan_.start[i].name].service = std::move(service);
  };
  const auto failures = co_await for_each(plan_.start.size(), cluster_.options.parallel, create);
  if (!failures.empty()) throw Aborted(kCreateFailed, message_of(failures.front()));
}

Task<etcd::Revision> Rollout::wait_healthy() {
  std::chrono::milliseconds time{0};
  for (const auto& job : plan_.start)
    time = std::max(time, health_time(job.name, plan_.checks, job.env, cluster_.options.healthy_within));
  HealthWait wait{.jobs = start_names(), .before = before_, .deadline = in(time), .tell = plan_.tell};
  std::string reason;
  try {
    co_return co_await wait_until_healthy(cluster_, std::move(wait));
  } catch (const Error& error) {
    if (error.code() == ErrorCode::canceled) throw;
    reason = error.what();
  }
  if (!plan_.keeps_crashed) throw Aborted(kUnhealthy, reason);
  if (plan_.tell) plan_.tell("some containers do not run: " + reason);
  co_return 0;
}

RouteChange Rollout::the_switch() const {
  RouteChange change{
      .release = plan_.release, .canary = plan_.canary, .config_allowlist = plan_.config_allowlist};
  const RouteEntry after{.release = plan_.release, .canary = plan_.canary.value_or(route_before_.canary)};
  for (const auto& job : plan_.retire) {
    if (after.serves(job.release)) change.drain.insert(job.str());  // the others stop with their release
  }
  for (const auto& job : plan_.start) change.undrain.insert(job.name.str());
  return change;
}

Task<> Rollout::switch_route(etcd::Revision newest_endpoint) {
  switched_ = true;  // whatever the answer: it may have arrived
  RouteChange change = the_switch();
  const auto changed =
      co_await cluster_.routes.change(plan_.app, std::move(change), in(cluster_.options.etcd_call));
  co_await wait_until_applied(std::max(changed, newest_endpoint));
}

Task<> Rollout::wait_until_applied(etcd::Revision revision) {
  std::string reason;
  try {
    co_await wait_for_routers(cluster_, revision);
    co_return;
  } catch (const Error& error) {
    if (error.code() == ErrorCode::canceled) throw;
    reason = error.what();
  }
  throw Aborted(kNotRouted, reason);
}

std::vector<JobName> Rollout::start_names() const {
  std::vector<JobName> names;
  for (const auto& job : plan_.start) names.push_back(job.name);
  return names;
}

}  // namespace deis::controller
