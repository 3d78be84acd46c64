#include "controller/domain/draft.h"

#include "controller/domain/deployment.h"
#include "controller/domain/validation.h"
#include "controller/storage/apps.h"
#include "controller/storage/containers.h"
#include "controller/storage/policies.h"
#include "controller/storage/releases.h"

#include <fmt/format.h>

namespace deis::controller {
namespace {

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

// The row of a release whose containers serve already.
Task<ReleaseBundle> write_release(pg::Session& tx, Draft draft, bool held) {
  const auto locked = co_await storage::lock_app(tx, draft.app.id.str());
  if (!locked) throw not_found();
  ReleaseBundle bundle = std::move(draft.next);
  const std::int64_t expected = bundle.release.version;
  if (draft.has_new_config) bundle.config = co_await write_config(tx, bundle.config);
  storage::NewRelease row{
      .app = draft.app.id.str(),
      .owner = bundle.release.owner,
      .summary = bundle.release.summary,
      .config_uuid = bundle.config.uuid,
      .build_uuid = bundle.release.build_uuid,
      .held = held};
  bundle.release = co_await storage::create_release(tx, std::move(row));
  if (bundle.release.version != expected)
    throw Error(ErrorCode::internal, "another controller made a release of " + draft.app.id.str());
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

Task<> bring_up_or_tell(Context& context, RolloutPlan plan, std::int64_t release) {
  try {
    co_await bring_up(context, plan);
  } catch (const Error& error) {
    context.app_log.error(plan.app, fmt::format("v{} was withdrawn: {}", release, error.what()));
    throw;
  }
}

Task<ReleaseBundle> bring_up_and_write(Context& context, Draft draft, Deployment deployment) {
  const AppId id = draft.app.id;
  co_await bring_up_or_tell(context, deployment.rollout, deployment.rollout.release);
  auto tx = co_await context.database.begin(query_deadline());
  const App app = draft.app;
  ReleaseBundle bundle = co_await write_release(tx, std::move(draft), false);
  co_await write_formation(tx, app, deployment);
  co_await storage::delete_canary(tx, id.str());
  co_await tx.commit();
  context.app_log.info(id, bundle.release.summary);
  co_return bundle;
}

Task<ReleaseBundle> bring_up_and_hold(Context& context, Draft draft, RolloutPlan plan, AppCanary canary) {
  const AppId id = draft.app.id;
  co_await bring_up_or_tell(context, std::move(plan), canary.release);
  auto tx = co_await context.database.begin(query_deadline());
  ReleaseBundle bundle = co_await write_release(tx, std::move(draft), true);
  co_await storage::save_canary(tx, std::move(canary));
  co_await tx.commit();
  context.app_log.info(id, bundle.release.summary);
  co_return bundle;
}

// The canary ends with the switch; its containers serve until then.
void end_canary(
    Deployment& deployment,
    const AppCanary& canary,
    const ReleaseBundle& bundle,
    const std::string& registry) {
  deployment.rollout.canary = Canary();
  for (auto& job : canary_jobs(bundle, canary.containers, registry))
    deployment.rollout.retire.push_back(std::move(job.name));
}

}  // namespace

Task<Draft> begin_draft(Context& context, App app, const User& by) {
  auto db = context.database.session(query_deadline());
  // Read again under the lock: the row the request saw may be old.
  auto fresh = co_await storage::find_app(db, app.id.str());
  auto current = co_await storage::find_bundle(db, app.id.str(), std::nullopt);
  if (!fresh || !current) throw not_found();
  Draft draft{.app = std::move(*fresh), .current = *current, .next = std::move(*current)};
  const std::int64_t newest = co_await storage::newest_version(db, app.id.str());
  draft.next.release.version = newest + 1;
  draft.next.release.owner = by.username.str();
  draft.canary = co_await storage::find_canary(db, app.id.str());
  co_return draft;
}

void check_no_canary(const Draft& draft) {
  if (draft.canary) throw canary_is_on(*draft.canary);
}

void take_over(Draft& draft, const ReleaseBundle& other) {
  draft.next.config = other.config;
  draft.next.build = other.build;
  draft.next.release.config_uuid = other.release.config_uuid;
  draft.next.release.build_uuid = other.release.build_uuid;
}

Task<> prepare(Context& context, RolloutPlan& plan, Progress& progress) {
  auto db = context.database.session(query_deadline());
  const AppPolicy policy = co_await storage::find_policy(db, plan.app.str());
  plan.checks = policy.healthchecks;
  plan.tell = [&log = context.app_log, id = plan.app](const std::string& text) { log.info(id, text); };
  plan.on_phase = progress.on_phase();
}

Task<ReleaseBundle> deploy(Context& context, Draft draft, std::shared_ptr<Progress> progress) {
  auto db = context.database.session(query_deadline());
  const auto formation = co_await storage::all_containers(db, draft.app.id.str());
  const std::string& registry = context.settings.registry;
  Deployment deployment = plan_deployment(draft.app, formation, draft.current, draft.next, registry);
  if (draft.canary) {
    const auto bundle = co_await storage::find_bundle(db, draft.app.id.str(), draft.canary->release);
    if (bundle) end_canary(deployment, *draft.canary, *bundle, registry);
  }
  co_await prepare(context, deployment.rollout, *progress);
  progress->starting(deployment.rollout.release);
  auto work = bring_up_and_write(context, std::move(draft), std::move(deployment));
  ReleaseBundle bundle = co_await Progress::watch(progress, std::move(work));
  progress->succeeded();
  co_return bundle;
}

Task<ReleaseBundle> hold(Context& context, Draft draft, CanaryWish wish, std::shared_ptr<Progress> progress) {
  if (!draft.current.build || !draft.next.build)
    throw Error(
        ErrorCode::invalid, "canary", "Nothing is live yet that it could run beside: deploy without.");
  auto db = context.database.session(query_deadline());
  const auto formation = co_await storage::all_containers(db, draft.app.id.str());
  draft.next.release.summary += ", as a canary";
  AppCanary canary{
      .app = draft.app.id.str(),
      .owner = draft.next.release.owner,
      .release = draft.next.release.version,
      .weight = wish.weight,
      .containers = canary_containers(*draft.next.build, formation, wish.count)};
  RolloutPlan plan = plan_canary(
      draft.app.id, draft.current.release.version, draft.next, Counts(), canary, context.settings.registry);
  co_await prepare(context, plan, *progress);
  progress->starting(canary.release);
  auto work = bring_up_and_hold(context, std::move(draft), std::move(plan), std::move(canary));
  ReleaseBundle bundle = co_await Progress::watch(progress, std::move(work));
  progress->succeeded();
  co_return bundle;
}

}  // namespace deis::controller
