#include "controller/domain/policies.h"

#include "controller/domain/validation.h"
#include "controller/storage/apps.h"
#include "controller/storage/policies.h"
#include "controller/storage/releases.h"
#include "core/base/text.h"

#include <fmt/format.h>

namespace deis::controller {
namespace {

Task<AppPolicy> read_policy(pg::Database& database, std::string app) {
  auto db = database.session(query_deadline());
  co_return co_await storage::find_policy(db, std::move(app));
}

std::string types_of(const TypePatch& patch) {
  std::vector<std::string> types;
  for (const auto& [type, members] : patch) types.push_back(type);
  return join(types, ", ");
}

}  // namespace

Task<AppPolicy> Policies::own(App app) {
  co_return co_await read_policy(context_.database, app.id.str());
}

Task<Policies::InForce> Policies::get(App app) {
  auto db = context_.database.session(query_deadline());
  InForce result;
  result.policy = co_await storage::find_policy(db, app.id.str());
  const auto live = co_await storage::find_bundle(db, app.id.str(), std::nullopt);
  if (live) result.config = live->config.values;
  co_return result;
}

Task<Policies::InForce> Policies::change_healthchecks(App app, User by, TypePatch patch) {
  std::string told = fmt::format("{} changed health checks for {}", by.username.str(), types_of(patch));
  Edit merge_in = [patch = std::move(patch)](AppPolicy& policy) {
    policy.healthchecks = merge(policy.healthchecks, patch);
  };
  co_await change(app, std::move(told), std::move(merge_in));
  co_return co_await get(std::move(app));
}

Task<AppPolicy> Policies::change_maintenance(App app, User by, MaintenanceChange wanted) {
  std::string told =
      fmt::format("{} switched maintenance mode {}", by.username.str(), wanted.enabled ? "on" : "off");
  Edit set = [wanted = std::move(wanted)](AppPolicy& policy) {
    policy.maintenance = controller::change_maintenance(policy.maintenance, wanted);
  };
  co_return co_await change(std::move(app), std::move(told), std::move(set));
}

Task<Policies::InForce> Policies::change_allowlist(
    App app, User by, std::optional<std::vector<IpNetwork>> addresses) {
  std::string told = by.username.str() + " changed the allow-list";
  Edit set = [addresses = std::move(addresses)](AppPolicy& policy) { policy.allowlist = addresses; };
  co_await change(app, std::move(told), std::move(set));
  co_return co_await get(std::move(app));
}

Task<AppPolicy> Policies::change_routing(App app, User by, Patch patch) {
  apply_routing(AppPolicy(), patch);  // refused before anything is read
  std::string told = by.username.str() + " changed how requests are routed";
  Edit set = [patch = std::move(patch)](AppPolicy& policy) { policy = apply_routing(policy, patch); };
  co_return co_await change(std::move(app), std::move(told), std::move(set));
}

Task<AppPolicy> Policies::change(App app, std::string told, Edit edit) {
  co_return co_await context_.operations.run(
      write_and_publish(std::move(app), std::move(told), std::move(edit)));
}

// Rows first: what etcd gets is read from them, so that the last of several changes is the last there too,
// and the reconciler finishes what is begun here.
Task<AppPolicy> Policies::write_and_publish(App app, std::string told, Edit edit) {
  AppPolicy policy = co_await write(app, std::move(edit));
  context_.app_log.info(app.id, told);
  ReadPolicy read = [&database = context_.database, id = app.id.str()] { return read_policy(database, id); };
  try {
    co_await context_.scheduler.publish_policy(app.id, std::move(read));
  } catch (const Error& error) {
    if (error.code() == ErrorCode::canceled) throw;
    throw with_context("the change is stored, and will be in force as soon as possible", error);
  }
  co_return policy;
}

Task<AppPolicy> Policies::write(App app, Edit edit) {
  auto tx = co_await context_.database.begin(query_deadline());
  const auto locked = co_await storage::lock_app(tx, app.id.str());
  if (!locked) throw not_found();
  AppPolicy policy = co_await storage::find_policy(tx, app.id.str());
  edit(policy);
  co_await storage::save_policy(tx, app.id.str(), policy);
  co_await tx.commit();
  co_return policy;
}

}  // namespace deis::controller
