#include "controller/scheduler/zero_downtime_scheduler.h"

#include "controller/scheduler/parallel.h"
#include "controller/scheduler/restart.h"
#include "controller/scheduler/rollout.h"
#include "controller/scheduler/routers.h"
#include "core/base/error.h"
#include "core/net/backoff.h"

namespace deis::controller {
namespace {

constexpr auto kUndoWait = std::chrono::seconds(10);  // of a user; undoing itself goes on
constexpr int kUndoAttempts = 8;

}  // namespace

ZeroDowntimeScheduler::ZeroDowntimeScheduler(
    Executor executor,
    Engine& engine,
    etcd::Client& etcd,
    RegistryClient* registry,
    Log log,
    SchedulerOptions options)
    : routes_(etcd),
      view_(executor, etcd, log),
      background_(executor),
      cluster_{executor, engine, routes_, view_, background_, options, log},
      registry_(registry),
      queue_(cluster_) {}

ZeroDowntimeScheduler::~ZeroDowntimeScheduler() = default;

Task<> ZeroDowntimeScheduler::run() {
  background_.spawn(view_.run());
  co_await background_.run();
}

Task<> ZeroDowntimeScheduler::roll_out(RolloutPlan plan) {
  const AppId app = plan.app;
  std::vector<JobName> ends;
  if (plan.waits_for_ends) ends = plan.retire;
  auto rollout = std::make_shared<Rollout>(cluster_, queue_, std::move(plan));
  std::exception_ptr failure;
  try {
    co_await rollout->go();
  } catch (...) {
    failure = std::current_exception();
  }
  if (!failure) {
    rollout->retire_old();
    if (ends.empty()) co_return;
    auto failed = co_await queue_.give_back_failed(app, std::move(ends), in(cluster_.options.ends_within));
    if (!failed.jobs.empty()) throw NotEnded(std::move(failed.jobs), std::move(failed.reason));
    co_return;
  }
  // Cancelled: the controller stops, and the reconciler of the next one finishes what is begun here.
  if (is_cancellation(failure) || background_.closed()) std::rethrow_exception(failure);
  auto undone = std::make_shared<bool>(false);
  background_.spawn(undo(rollout, undone));
  const Deadline deadline = in(kUndoWait);
  while (!*undone) {
    const bool news = co_await view_.changed().wait(deadline);
    if (!news) break;
  }
  std::rethrow_exception(failure);
}

Task<> ZeroDowntimeScheduler::undo(std::shared_ptr<Rollout> rollout, std::shared_ptr<bool> done) {
  net::Backoff backoff(std::chrono::milliseconds(200), std::chrono::seconds(10));
  for (int attempt = 0; attempt < kUndoAttempts; ++attempt) {
    std::string trouble;
    try {
      co_await rollout->undo();
      break;
    } catch (const Error& error) {
      if (error.code() == ErrorCode::canceled) throw;
      trouble = error.what();
    }
    // What remains is the reconciler's.
    cluster_.log.warning("a failed roll-out cannot be undone yet", {{"why", trouble}});
    const auto pause = backoff.next();
    co_await net::sleep_for(pause);
  }
  *done = true;
  view_.changed().notify();
}

Task<> ZeroDowntimeScheduler::end_canary(AppId app, std::vector<JobName> jobs, OnPhase on_phase) {
  RouteChange change{.canary = Canary()};
  const auto revision = co_await routes_.change(app, std::move(change), in(cluster_.options.etcd_call));
  queue_.add(app, std::move(jobs), on_phase);
  co_await wait_for_routers(cluster_, revision);
  tell(on_phase, Phase::switched, "");
}

Task<> ZeroDowntimeScheduler::restart(RestartPlan plan) {
  auto start_time = cluster_.options.healthy_within;
  for (const auto& job : plan.jobs)
    start_time =
        std::max(start_time, health_time(job, plan.checks, plan.env, cluster_.options.healthy_within));
  std::map<AppId, std::vector<JobName>> by_app;
  for (auto& job : plan.jobs) by_app[job.app].push_back(job);
  for (auto& [app, of_app] : by_app) {
    try {
      co_await restart_jobs(cluster_, app, std::move(of_app), start_time, plan.on_phase);
    } catch (const Error& error) {
      if (error.code() == ErrorCode::canceled) throw;
      tell(plan.on_phase, Phase::failed, error.what());
      cluster_.log.warning("restart failed", {{"app", app.str()}, {"why", error.what()}});
    }
  }
}

Task<RunResult> ZeroDowntimeScheduler::run(JobSpec job) {
  const auto until_the_end = take_in_hand(job.name);
  co_return co_await cluster_.engine.run(std::move(job), in(cluster_.options.run_within));
}

Task<AttachedRun> ZeroDowntimeScheduler::run_attached(JobSpec job, AttachOptions options) {
  AttachedRun run;
  run.in_hand = take_in_hand(job.name);
  run.job = co_await cluster_.engine.run_attached(
      std::move(job), options, in(cluster_.options.attached_start_within));
  co_return run;
}

std::shared_ptr<void> ZeroDowntimeScheduler::take_in_hand(const JobName& one_off) {
  one_offs_.insert(one_off);
  return std::shared_ptr<void>(nullptr, [this, one_off](void*) { one_offs_.erase(one_off); });
}

Task<std::vector<JobStatus>> ZeroDowntimeScheduler::status(AppId app) {
  const std::optional<AppId> one = app;
  auto statuses = co_await cluster_.engine.status(one, in(cluster_.options.engine_call));
  // Swarm's managers hear of a running container up to a second after the publisher has seen it serve.
  for (auto& status : statuses) {
    const PublishedEndpoint* endpoint = view_.endpoint(status.name);
    if (!endpoint || !endpoint->is_up() || status.state != JobState::created) continue;
    const bool is_same = status.container_id.empty() || status.container_id == endpoint->container;
    if (is_same) status.state = JobState::up;
  }
  co_return statuses;
}

Task<> ZeroDowntimeScheduler::publish_app(
    AppId app, std::int64_t release, std::vector<IpNetwork> config_allowlist) {
  RouteChange change{.release = release, .config_allowlist = std::move(config_allowlist)};
  co_await routes_.change(app, std::move(change), in(cluster_.options.etcd_call));
}

Task<> ZeroDowntimeScheduler::publish_policy(AppId app, ReadPolicy read) {
  const auto revision =
      co_await routes_.write_policy(std::move(app), std::move(read), in(cluster_.options.etcd_call));
  co_await wait_for_routers(cluster_, revision);
}

// The route goes first: nobody is sent to containers that end. Each step is tried whatever became of the one
// before; the first failure is the answer, and doing it all again is harmless.
Task<> ZeroDowntimeScheduler::destroy_app(AppId app, OnPhase on_phase) {
  queue_.forget(app);
  const auto unroute = [&]() -> Task<> {
    co_await remove_route(cluster_, app);
    tell(on_phase, Phase::switched, "");
  };
  const auto end_containers = [&]() -> Task<> {
    co_await remove_containers(app);
    tell(on_phase, Phase::retired, "");
  };
  const auto drop_images = [&]() -> Task<> {
    co_await cluster_.engine.remove_app_images(app, in(cluster_.options.engine_call));
  };
  const auto empty_registry = [&]() -> Task<> {
    if (registry_) co_await registry_->remove_repository(app.str(), in(cluster_.options.engine_call));
  };
  const std::vector<std::function<Task<>()>> steps{unroute, end_containers, drop_images, empty_registry};
  const auto one_step = [&](std::size_t i) -> Task<> { co_await steps[i](); };
  const auto failures = co_await for_each(steps.size(), 1, one_step);
  if (failures.empty()) co_return;
  for (const auto& failure : failures)
    cluster_.log.warning("the app is not wholly removed", {{"app", app.str()}, {"why", message_of(failure)}});
  throw Error(ErrorCode::unavailable, "removing " + app.str() + ": " + message_of(failures.front()));
}

Task<> ZeroDowntimeScheduler::remove_containers(AppId app) {
  const auto jobs = co_await status(app);
  const auto remove = [&](std::size_t i) -> Task<> {
    co_await cluster_.engine.remove(jobs[i].name, in(cluster_.options.engine_call));
  };
  const auto failures = co_await for_each(jobs.size(), cluster_.options.parallel, remove);
  if (!failures.empty()) std::rethrow_exception(failures.front());

  // Their publisher takes the endpoints back when they have ended. The rest of it may go on behind the
  // answer.
  const Deadline deadline = in(cluster_.options.destroyed_within);
  while (view_.has_endpoints(app)) {
    const bool news = co_await view_.changed().wait(deadline);
    if (!news) break;
  }
}

}  // namespace deis::controller
