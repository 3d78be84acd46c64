#include "controller/domain/apps.h"

#include "controller/domain/app_name.h"
#include "controller/domain/summary.h"
#include "controller/domain/validation.h"
#include "controller/events/progress.h"
#include "controller/storage/releases.h"
#include "controller/storage/users.h"

#include <fmt/format.h>

namespace deis::controller {
namespace {

constexpr int kNameAttempts = 50;

Error no_free_name() {
  return Error(ErrorCode::unavailable, "no free name was found: give the app an id");
}

Error still_there(const AppId& app) {
  return Error(
      ErrorCode::conflict, fmt::format("The app {} is being destroyed: try again in a while.", app.str()));
}

}  // namespace

Task<std::optional<App>> Apps::find(AppId id) {
  auto db = context_.database.session(query_deadline());
  co_return co_await storage::find_app(db, id.str());
}

Task<std::optional<storage::AppAccess>> Apps::find_for(AppId id, User user, storage::Find which) {
  auto db = context_.database.session(query_deadline());
  co_return co_await storage::find_app_for(db, id.str(), user.username.str(), which);
}

Task<Page<App>> Apps::list(User user, PageRequest page) {
  auto db = context_.database.session(query_deadline());
  if (user.is_superuser) co_return co_await storage::list_apps(db, page);
  co_return co_await storage::list_apps_of(db, user.username.str(), page);
}

Task<Page<App>> Apps::list_some(User user, std::vector<std::string> ids, PageRequest page) {
  auto db = context_.database.session(query_deadline());
  co_return co_await storage::list_apps_among(db, user, std::move(ids), page);
}

Task<App> Apps::create(User owner, std::optional<AppId> id) {
  if (id) {
    check_not_reserved(*id, context_.settings);
    co_return co_await context_.operations.run(create_named(std::move(owner), std::move(*id)));
  }
  for (int i = 0; i < kNameAttempts; ++i) {
    AppId drawn = co_await free_name();
    try {
      co_return co_await context_.operations.run(create_named(owner, std::move(drawn)));
    } catch (const Error& error) {
      if (error.code() != ErrorCode::conflict) throw;  // else somebody was quicker with the same name
    }
  }
  throw no_free_name();
}

Task<AppId> Apps::free_name() {
  for (int i = 0; i < kNameAttempts; ++i) {
    AppId id = random_app_id();
    auto db = context_.database.session(query_deadline());
    const auto taken = co_await storage::find_app(db, id.str(), storage::Find::destroying_too);
    if (!taken && !is_reserved(id, context_.settings)) co_return id;
  }
  throw no_free_name();
}

Task<App> Apps::create_named(User owner, AppId id) {
  // The reconciler leaves an app alone while it is locked: the route comes before the rows are there.
  const auto guard = co_await context_.locks.lock(id, in(context_.patience.app_lock));
  auto db = context_.database.session(query_deadline());
  const bool is_leaving = co_await storage::is_destroying(db, id.str());
  if (is_leaving) throw still_there(id);
  App app = co_await write_new(owner, id);
  context_.app_log.info(id, initial_summary(app.owner));
  co_return app;
}

Task<App> Apps::write_new(User owner, AppId id) {
  auto tx = co_await context_.database.begin(query_deadline());
  const std::string name = owner.username.str();
  App app = co_await storage::create_app(tx, id, name);
  storage::NewConfig empty{.app = id.str(), .owner = name};
  const Config config = co_await storage::create_config(tx, std::move(empty));
  storage::NewRelease first{
      .app = id.str(), .owner = name, .summary = initial_summary(name), .config_uuid = config.uuid};
  const Release release = co_await storage::create_release(tx, std::move(first));
  co_await context_.scheduler.publish_app(id, release.version);
  co_await tx.commit();
  co_return app;
}

Task<> Apps::transfer(App app, User new_owner) {
  co_await context_.operations.run(transfer_locked(std::move(app), std::move(new_owner)));
}

Task<> Apps::transfer_locked(App app, User new_owner) {
  const auto guard = co_await context_.locks.lock(app.id, in(context_.patience.app_lock));
  auto db = context_.database.session(query_deadline());
  co_await storage::set_owner(db, app.id.str(), new_owner.username.str());
}

Task<> Apps::destroy(App app, Cause cause) {
  co_await context_.operations.run(destroy_locked(std::move(app), std::move(cause)));
}

// The mark comes first: from then on nothing makes again what is removed here.
Task<> Apps::destroy_locked(App app, Cause cause) {
  const auto guard = co_await context_.locks.lock(app.id, in(context_.patience.app_lock));
  auto db = context_.database.session(query_deadline());
  const bool is_there = co_await storage::mark_destroying(db, app);
  if (!is_there) co_return;  // somebody was quicker
  const auto progress = Progress::begin(context_.events, app.id, Operation::destroy, std::move(cause));
  const auto live = co_await storage::find_bundle(db, app.id.str(), std::nullopt);
  progress->starting(live ? live->release.version : 1);
  co_await Progress::watch(progress, destroy_all_of(app, progress->on_phase()));
  progress->succeeded();
  context_.events.forget(app.id);
}

Task<bool> Apps::finish_destructions() {
  auto db = context_.database.session(query_deadline());
  const auto apps = co_await storage::list_destroying(db);
  bool all = true;
  for (const auto& app : apps) {
    const bool done = co_await finish_destruction(app);
    all = all && done;
  }
  co_return all;
}

Task<bool> Apps::finish_destruction(App app) {
  const auto guard = context_.locks.try_lock(app.id);
  if (!guard) co_return false;
  std::string trouble;
  try {
    auto db = context_.database.session(query_deadline());
    const bool is_marked = co_await storage::is_destroying(db, app.id.str());
    if (!is_marked) co_return true;
    context_.log.info("finishing the destruction of an app", {{"app", app.id.str()}});
    co_await destroy_all_of(app, OnPhase());
    context_.events.forget(app.id);
    co_return true;
  } catch (const Error& error) {
    if (error.code() == ErrorCode::canceled) throw;
    trouble = error.what();
  }
  context_.log.warning("an app cannot be wholly destroyed yet", {{"app", app.id.str()}, {"why", trouble}});
  co_return false;
}

// Each step may be done again. The rows go last, and with them the mark; before them the log lines, which
// the next app of the name must not see.
Task<> Apps::destroy_all_of(App app, OnPhase on_phase) {
  co_await context_.scheduler.destroy_app(app.id, on_phase);
  try {
    co_await logs_.erase(app.id);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::canceled) throw;
    context_.log.warning("log lines stay behind", {{"app", app.id.str()}, {"error", error.what()}});
  }
  auto db = context_.database.session(query_deadline());
  co_await storage::delete_app(db, app.id.str());
}

Task<std::vector<std::string>> Apps::collaborators(App app) {
  auto db = context_.database.session(query_deadline());
  co_return co_await storage::list_grants(db, app.id.str());
}

Task<> Apps::grant(App app, User target, User by) {
  auto db = context_.database.session(query_deadline());
  co_await storage::add_grant(db, app.id.str(), target.username.str());
  context_.app_log.info(
      app.id, fmt::format("{} granted {} access", by.username.str(), target.username.str()));
}

Task<> Apps::revoke(App app, User target, User by) {
  auto db = context_.database.session(query_deadline());
  const bool existed = co_await storage::remove_grant(db, app.id.str(), target.username.str());
  if (!existed) throw forbidden();
  context_.app_log.info(
      app.id, fmt::format("{} revoked the access of {}", by.username.str(), target.username.str()));
}

}  // namespace deis::controller
