#include "controller/domain/releases.h"

#include "controller/domain/deployment.h"
#include "controller/domain/summary.h"
#include "controller/domain/validation.h"
#include "controller/events/progress.h"
#include "controller/storage/apps.h"
#include "controller/storage/containers.h"
#include "controller/storage/policies.h"
#include "controller/storage/releases.h"

#include <fmt/format.h>

namespace deis::controller {
namespace {

// What the next release of an app is made of, before it has a row.
struct Draft {
  App app;
  ReleaseBundle current, next;
  bool has_new_config = false;
};

Task<Draft> begin_draft(Context& context, App app, const User& by) {
  auto db = context.database.session(query_deadline());
  // Read again under the lock: the row the request saw may be old.
  auto fresh = co_await storage::find_app(db, app.id.str());
  auto current = co_await storage::find_bundle(db, app.id.str(), std::nullopt);
  if (!fresh || !current) throw not_found();
  Draft draft{.app = std::move(*fresh), .current = *current, .next = std::move(*current)};
  draft.next.release.version = draft.current.release.version + 1;
  draft.next.release.owner = by.username.str();
  co_return draft;
}

Task<Config> write_config(pg::Session& db, const Config& config) {
  storage::NewConfig row{
      .app = config.app,
      .owner = config.owner,
      .values = config.values,
      .memory = config.memory,
      .cpu = config.cpu,
      .tags = config.tags,
      .pids = config.pids};
  co_return co_await storage::create_config(db, std::move(row));
}

Task<> write_formation(pg::Session& db, const App& app, const Deployment& deployment) {
  const std::string id = app.id.str();
  for (const auto& slot : deployment.removed) co_await storage::delete_container(db, id, slot.type, slot.num);
  co_await storage::move_containers(db, id, deployment.rollout.release);
  for (const auto& slot : deployment.added) {
    co_await storage::create_container(db, id, app.owner, slot.type, slot.num, deployment.rollout.release);
  }
  if (deployment.structure) co_await storage::set_structure(db, id, *deployment.structure);
}

// The rows of a release that serves already.
Task<ReleaseBundle> write_release(Context& context, Draft draft, Deployment deployment) {
  auto tx = co_await context.database.begin(query_deadline());
  const auto locked = co_await storage::lock_app(tx, draft.app.id.str());
  if (!locked) throw not_found();
  ReleaseBundle bundle = std::move(draft.next);
  if (draft.has_new_config) bundle.config = co_await write_config(tx, bundle.config);
  storage::NewRelease row{
      .app = draft.app.id.str(),
      .owner = bundle.release.owner,
      .summary = bundle.release.summary,
      .config_uuid = bundle.config.uuid,
      .build_uuid = bundle.release.build_uuid};
  bundle.release = co_await storage::create_release(tx, std::move(row));
  if (bundle.release.version != deployment.rollout.release) {
    throw Error(ErrorCode::internal, "another controller made a release of " + draft.app.id.str());
  }
  co_await write_formation(tx, draft.app, deployment);
  co_await tx.commit();
  co_return bundle;
}

// Without containers to move there is nothing to wait for: only the route learns of the release.
Task<> bring_up(Context& context, const RolloutPlan& plan) {
  if (plan.start.empty() && plan.retire.empty()) {
    co_await context.scheduler.publish_app(plan.app, plan.release, plan.config_allowlist.value());
    tell(plan.on_phase, Phase::switched, "");
    tell(plan.on_phase, Phase::retired, "");
  } else {
    co_await context.scheduler.roll_out(plan);
  }
}

Task<ReleaseBundle> bring_up_and_write(Context& context, Draft draft, Deployment deployment) {
  const AppId id = draft.app.id;
  try {
    co_await bring_up(context, deployment.rollout);
  } catch (const Error& error) {
    context.app_log.error(id, fmt::format("v{} was withdrawn: {}", deployment.rollout.release, error.what()));
    throw;
  }
  ReleaseBundle bundle = co_await write_release(context, std::move(draft), std::move(deployment));
  context.app_log.info(id, bundle.release.summary);
  co_return bundle;
}

Task<ReleaseBundle> deploy(Context& context, Draft draft, std::shared_ptr<Progress> progress) {
  const AppId id = draft.app.id;
  auto db = context.database.session(query_deadline());
  const auto formation = co_await storage::all_containers(db, id.str());
  Deployment deployment =
      plan_deployment(draft.app, formation, draft.current, draft.next, context.settings.registry);
  const AppPolicy policy = co_await storage::find_policy(db, id.str());
  deployment.rollout.checks = policy.healthchecks;
  deployment.rollout.tell = [&log = context.app_log, id](const std::string& text) { log.info(id, text); };
  deployment.rollout.on_phase = progress->on_phase();
  progress->starting(deployment.rollout.release);
  auto work = bring_up_and_write(context, std::move(draft), std::move(deployment));
  ReleaseBundle bundle = co_await Progress::watch(progress, std::move(work));
  progress->succeeded();
  co_return bundle;
}

}  // namespace

Task<Page<Release>> Releases::list(App app, PageRequest page) {
  auto db = context_.database.session(query_deadline());
  co_return co_await storage::list_releases(db, app.id.str(), page);
}

Task<Release> Releases::get(App app, std::int64_t version) {
  auto db = context_.database.session(query_deadline());
  auto release = co_await storage::find_release(db, app.id.str(), version);
  if (!release) throw not_found();
  co_return std::move(*release);
}

Task<ReleaseBundle> Releases::current(App app) {
  auto db = context_.database.session(query_deadline());
  auto bundle = co_await storage::find_bundle(db, app.id.str(), std::nullopt);
  if (!bundle) throw not_found();
  co_return std::move(*bundle);
}

Task<Page<Build>> Releases::list_builds(App app, PageRequest page) {
  auto db = context_.database.session(query_deadline());
  co_return co_await storage::list_builds(db, app.id.str(), page);
}

Task<Build> Releases::get_build(App app, std::string uuid) {
  auto db = context_.database.session(query_deadline());
  auto build = co_await storage::find_build(db, app.id.str(), uuid);
  if (!build) throw not_found();
  co_return std::move(*build);
}

Task<ReleaseBundle> Releases::deploy_build(App app, User by, NewBuild build, Cause cause) {
  check_build(build);
  co_return co_await context_.operations.run(
      deploy_build_locked(std::move(app), std::move(by), std::move(build), std::move(cause)));
}

Task<ReleaseBundle> Releases::deploy_build_locked(App app, User by, NewBuild build, Cause cause) {
  const auto guard = co_await context_.locks.lock(app.id, in(AppLocks::kWait));
  auto progress = Progress::begin(context_.events, app.id, Operation::deploy, std::move(cause));
  Draft draft = co_await begin_draft(context_, app, by);
  storage::NewBuild row{
      .app = app.id.str(),
      .owner = by.username.str(),
      .image = build.image,
      .sha = build.sha,
      .procfile = build.procfile,
      .dockerfile = build.dockerfile};
  auto db = context_.database.session(query_deadline());
  draft.next.build = co_await storage::create_build(db, std::move(row));
  draft.next.release.build_uuid = draft.next.build->uuid;
  draft.next.release.summary = change_summary(draft.current, draft.next);
  co_return co_await deploy(context_, std::move(draft), std::move(progress));
}

Task<ReleaseBundle> Releases::change_config(App app, User by, ConfigPatch patch, Cause cause) {
  co_return co_await context_.operations.run(
      change_config_locked(std::move(app), std::move(by), std::move(patch), std::move(cause)));
}

Task<ReleaseBundle> Releases::change_config_locked(App app, User by, ConfigPatch patch, Cause cause) {
  const auto guard = co_await context_.locks.lock(app.id, in(AppLocks::kWait));
  auto progress = Progress::begin(context_.events, app.id, Operation::config, std::move(cause));
  Draft draft = co_await begin_draft(context_, app, by);
  draft.next.config = merge(draft.current.config, patch);
  draft.next.config.owner = by.username.str();
  draft.next.release.summary = change_summary(draft.current, draft.next);
  draft.has_new_config = true;
  co_return co_await deploy(context_, std::move(draft), std::move(progress));
}

Task<ReleaseBundle> Releases::roll_back(App app, User by, std::optional<std::int64_t> target, Cause cause) {
  co_return co_await context_.operations.run(
      roll_back_locked(std::move(app), std::move(by), target, std::move(cause)));
}

Task<ReleaseBundle> Releases::roll_back_locked(
    App app, User by, std::optional<std::int64_t> target, Cause cause) {
  const auto guard = co_await context_.locks.lock(app.id, in(AppLocks::kWait));
  auto progress = Progress::begin(context_.events, app.id, Operation::rollback, std::move(cause));
  Draft draft = co_await begin_draft(context_, app, by);
  const std::int64_t version = target.value_or(draft.current.release.version - 1);
  if (version < 1) throw Error(ErrorCode::invalid, "version cannot be below 0");
  auto db = context_.database.session(query_deadline());
  const auto old = co_await storage::find_bundle(db, app.id.str(), version);
  if (!old) throw not_found();
  draft.next.config = old->config;
  draft.next.build = old->build;
  draft.next.release.config_uuid = old->release.config_uuid;
  draft.next.release.build_uuid = old->release.build_uuid;
  draft.next.release.summary = rollback_summary(by.username.str(), version);
  co_return co_await deploy(context_, std::move(draft), std::move(progress));
}

}  // namespace deis::controller
