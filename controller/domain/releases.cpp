#include "controller/domain/releases.h"

#include "controller/domain/draft.h"
#include "controller/domain/summary.h"
#include "controller/domain/validation.h"
#include "controller/storage/releases.h"

namespace deis::controller {

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

Task<std::optional<Release>> Releases::of_commit(App app, CommitSha sha) {
  const auto guard = co_await context_.locks.lock(app.id, in(context_.patience.app_lock));
  auto db = context_.database.session(query_deadline());
  co_return co_await storage::find_release_of(db, app.id.str(), sha.str());
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

Task<ReleaseBundle> Releases::deploy_build(
    App app, User by, NewBuild build, std::optional<CanaryWish> canary, Cause cause) {
  check_build(build);
  co_return co_await context_.operations.run(
      deploy_build_locked(std::move(app), std::move(by), std::move(build), canary, std::move(cause)));
}

Task<ReleaseBundle> Releases::deploy_build_locked(
    App app, User by, NewBuild build, std::optional<CanaryWish> canary, Cause cause) {
  const auto guard = co_await context_.locks.lock(app.id, in(context_.patience.app_lock));
  auto progress = Progress::begin(context_.events, app.id, Operation::deploy, std::move(cause));
  Draft draft = co_await begin_draft(context_, app, by);
  check_no_canary(draft);
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
  if (canary) co_return co_await hold(context_, std::move(draft), *canary, std::move(progress));
  co_return co_await deploy(context_, std::move(draft), std::move(progress));
}

Task<ReleaseBundle> Releases::change_config(
    App app, User by, ConfigPatch patch, std::optional<CanaryWish> canary, Cause cause) {
  co_return co_await context_.operations.run(
      change_config_locked(std::move(app), std::move(by), std::move(patch), canary, std::move(cause)));
}

Task<ReleaseBundle> Releases::change_config_locked(
    App app, User by, ConfigPatch patch, std::optional<CanaryWish> canary, Cause cause) {
  const auto guard = co_await context_.locks.lock(app.id, in(context_.patience.app_lock));
  auto progress = Progress::begin(context_.events, app.id, Operation::config, std::move(cause));
  Draft draft = co_await begin_draft(context_, app, by);
  check_no_canary(draft);
  draft.next.config = merge(draft.current.config, patch);
  draft.next.config.owner = by.username.str();
  draft.next.release.summary = change_summary(draft.current, draft.next);
  draft.has_new_config = true;
  if (canary) co_return co_await hold(context_, std::move(draft), *canary, std::move(progress));
  co_return co_await deploy(context_, std::move(draft), std::move(progress));
}

Task<ReleaseBundle> Releases::roll_back(App app, User by, std::optional<std::int64_t> target, Cause cause) {
  co_return co_await context_.operations.run(
      roll_back_locked(std::move(app), std::move(by), target, std::move(cause)));
}

Task<ReleaseBundle> Releases::roll_back_locked(
    App app, User by, std::optional<std::int64_t> target, Cause cause) {
  const auto guard = co_await context_.locks.lock(app.id, in(context_.patience.app_lock));
  auto progress = Progress::begin(context_.events, app.id, Operation::rollback, std::move(cause));
  Draft draft = co_await begin_draft(context_, app, by);
  check_no_canary(draft);
  auto db = context_.database.session(query_deadline());
  const std::int64_t before =
      co_await storage::live_version_before(db, app.id.str(), draft.current.release.version);
  const std::int64_t version = target.value_or(before);
  if (version < 1) throw Error(ErrorCode::invalid, "version cannot be below 0");
  const auto old = co_await storage::find_bundle(db, app.id.str(), version);
  if (!old) throw not_found();
  take_over(draft, *old);
  draft.next.release.summary = rollback_summary(by.username.str(), version);
  co_return co_await deploy(context_, std::move(draft), std::move(progress));
}

}  // namespace deis::controller
