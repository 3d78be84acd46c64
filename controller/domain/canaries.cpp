#include "controller/domain/canaries.h"

#include "controller/domain/draft.h"
#include "controller/domain/release_jobs.h"
#include "controller/domain/summary.h"
#include "controller/domain/validation.h"
#include "controller/storage/canaries.h"
#include "controller/storage/containers.h"
#include "controller/storage/releases.h"

#include <fmt/format.h>

namespace deis::controller {
namespace {

Error no_canary(const AppId& app) {
  return Error(ErrorCode::not_found, app.str() + " has no canary");
}

// What is on and what is wanted instead.
struct Change {
  ReleaseBundle bundle;  // of the canary's release
  std::int64_t live = 0;
  Counts before;
  AppCanary wanted;
};

void check_release(const AppId& app, const Draft& draft, std::int64_t release) {
  if (draft.canary && draft.canary->release != release) check_no_canary(draft);
  if (release != draft.current.release.version) return;
  throw Error(
      ErrorCode::invalid, "release", fmt::format("v{} is the live release of {}.", release, app.str()));
}

std::int64_t given_or(
    std::optional<std::int64_t> given, std::optional<std::int64_t> present, const char* field) {
  if (given) return *given;
  if (present) return *present;
  throw Error(ErrorCode::invalid, field, kRequired);
}

Task<Change> plan_change(Context& context, Draft draft, CanaryChange wish, const User& by) {
  const AppId& app = draft.app.id;
  std::optional<std::int64_t> release, weight;
  if (draft.canary) release = draft.canary->release;
  if (draft.canary) weight = draft.canary->weight;
  Change change{.live = draft.current.release.version};
  change.wanted = AppCanary{.app = app.str(), .owner = by.username.str()};
  change.wanted.release = given_or(wish.release, release, "release");
  change.wanted.weight = static_cast<int>(given_or(wish.weight, weight, "weight"));
  check_release(app, draft, change.wanted.release);

  auto db = context.database.session(query_deadline());
  const auto bundle = co_await storage::find_bundle(db, app.str(), change.wanted.release);
  if (!bundle) throw not_found();
  if (!bundle->build || !draft.current.build)
    throw Error(ErrorCode::invalid, "release", "No build associated with this release");
  change.bundle = *bundle;
  if (draft.canary) change.before = draft.canary->containers;
  change.wanted.containers = change.before;
  if (!draft.canary || wish.count) {
    const auto formation = co_await storage::all_containers(db, app.str());
    const int count = static_cast<int>(wish.count.value_or(1));
    change.wanted.containers = canary_containers(*change.bundle.build, formation, count);
  }
  co_return change;
}

Task<AppCanary> carry_out(Context& context, AppCanary wanted, RolloutPlan plan, std::string told) {
  const AppId app = plan.app;
  try {
    co_await context.scheduler.roll_out(std::move(plan));
  } catch (const Error& error) {
    context.app_log.error(
        app, fmt::format("the canary of v{} stays as it was: {}", wanted.release, error.what()));
    throw;
  }
  auto db = context.database.session(query_deadline());
  AppCanary saved = co_await storage::save_canary(db, std::move(wanted));
  context.app_log.info(app, told);
  co_return saved;
}

}  // namespace

Task<Canaries::State> Canaries::get(App app) {
  State state;
  auto db = context_.database.session(query_deadline());
  state.canary = co_await storage::find_canary(db, app.id.str());
  const auto live = co_await storage::find_bundle(db, app.id.str(), std::nullopt);
  if (live) state.live = live->release.version;
  if (!state.canary) co_return state;
  std::map<JobName, JobStatus> known;
  JobState unknown = JobState::initialized;
  try {
    const auto statuses = co_await context_.scheduler.status(app.id);
    for (const auto& status : statuses) known.insert_or_assign(status.name, status);
  } catch (const Error& error) {
    // The row is still worth showing.
    context_.log.warning("cannot ask for container states", {{"app", app.id.str()}, {"error", error.what()}});
    unknown = JobState::error;
  }
  for (const auto& [type, count] : state.canary->containers) {
    for (int num = 1; num <= count; ++num) {
      JobName name{app.id, state.canary->release, ProcessType::parse(type), num};
      const auto found = known.find(name);
      JobStatus status{.name = std::move(name), .state = unknown};
      if (found != known.end()) status = found->second;
      state.containers.push_back(std::move(status));
    }
  }
  co_return state;
}

Task<Canaries::State> Canaries::set(App app, User by, CanaryChange change, Cause cause) {
  if (change.weight) check_weight(*change.weight);
  if (change.count) check_canary_count(*change.count);
  co_return co_await context_.operations.run(
      set_locked(std::move(app), std::move(by), std::move(change), std::move(cause)));
}

Task<Canaries::State> Canaries::set_locked(App app, User by, CanaryChange wish, Cause cause) {
  const auto guard = co_await context_.locks.lock(app.id, in(context_.patience.app_lock));
  auto progress = Progress::begin(context_.events, app.id, Operation::canary, std::move(cause));
  Draft draft = co_await begin_draft(context_, app, by);
  Change change = co_await plan_change(context_, std::move(draft), std::move(wish), by);
  RolloutPlan plan = plan_canary(
      app.id, change.live, change.bundle, change.before, change.wanted, context_.settings.registry);
  co_await prepare(context_, plan, *progress);
  std::string told = fmt::format(
      "{} made v{} the canary: {} % of the requests",
      by.username.str(),
      change.wanted.release,
      change.wanted.weight);
  progress->starting(change.wanted.release);
  auto work = carry_out(context_, change.wanted, std::move(plan), std::move(told));
  co_await Progress::watch(progress, std::move(work));
  progress->succeeded();
  co_return co_await get(std::move(app));
}

Task<> Canaries::abort(App app, User by, Cause cause) {
  co_await context_.operations.run(abort_locked(std::move(app), std::move(by), std::move(cause)));
}

// The row first: from then on the reconciler finishes what is begun here. A router that hangs must not keep
// the others from leaving a canary that is bad.
Task<> Canaries::abort_locked(App app, User by, Cause cause) {
  const auto guard = co_await context_.locks.lock(app.id, in(context_.patience.app_lock));
  auto progress = Progress::begin(context_.events, app.id, Operation::abort, std::move(cause));
  auto db = context_.database.session(query_deadline());
  const auto canary = co_await storage::find_canary(db, app.id.str());
  if (!canary) throw no_canary(app.id);
  const auto bundle = co_await storage::find_bundle(db, app.id.str(), canary->release);
  if (!bundle || !bundle->build) throw no_canary(app.id);
  co_await storage::delete_canary(db, app.id.str());
  context_.app_log.info(app.id, fmt::format("{} aborted the canary v{}", by.username.str(), canary->release));
  progress->starting(canary->release);
  std::vector<JobName> jobs;
  for (auto& job : canary_jobs(*bundle, canary->containers, context_.settings.registry))
    jobs.push_back(std::move(job.name));
  auto work = context_.scheduler.end_canary(app.id, std::move(jobs), progress->on_phase());
  try {
    co_await Progress::watch(progress, std::move(work));
  } catch (const Error& error) {
    if (error.code() == ErrorCode::canceled) throw;
    throw with_context("the canary is aborted, and will be out of service as soon as possible", error);
  }
  progress->succeeded();
}

Task<ReleaseBundle> Canaries::promote(App app, User by, Cause cause) {
  co_return co_await context_.operations.run(promote_locked(std::move(app), std::move(by), std::move(cause)));
}

Task<ReleaseBundle> Canaries::promote_locked(App app, User by, Cause cause) {
  const auto guard = co_await context_.locks.lock(app.id, in(context_.patience.app_lock));
  auto progress = Progress::begin(context_.events, app.id, Operation::promote, std::move(cause));
  Draft draft = co_await begin_draft(context_, app, by);
  if (!draft.canary) throw no_canary(app.id);
  auto db = context_.database.session(query_deadline());
  const auto bundle = co_await storage::find_bundle(db, app.id.str(), draft.canary->release);
  if (!bundle) throw no_canary(app.id);
  take_over(draft, *bundle);
  draft.next.release.summary = promotion_summary(by.username.str(), draft.canary->release);
  co_return co_await deploy(context_, std::move(draft), std::move(progress));
}

}  // namespace deis::controller
