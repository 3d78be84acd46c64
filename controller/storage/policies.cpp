#include "controller/storage/policies.h"

#include "core/json/json.h"

namespace deis::controller::storage {
namespace {

using component::AppPolicy;

constexpr auto kFind = "SELECT policy FROM app_policies WHERE app = $1";
constexpr auto kAll = "SELECT policy, app FROM app_policies";
constexpr auto kSave =
    "INSERT INTO app_policies (app, policy) VALUES ($1, $2) "
    "ON CONFLICT (app) DO UPDATE SET policy = excluded.policy, updated = now()";

AppPolicy to_policy(const pg::Row& row) {
  return component::read_policy(json::parse(row.get<std::string>(0)).as_object());
}

}  // namespace

Task<AppPolicy> find_policy(pg::Session& db, std::string app) {
  const pg::Result result = co_await db.query(kFind, pg::params(app));
  if (result.empty()) co_return AppPolicy();
  co_return to_policy(result[0]);
}

Task<> save_policy(pg::Session& db, std::string app, AppPolicy policy) {
  json::object document;
  component::write_policy(policy, document);
  co_await db.query(kSave, pg::params(app, json::to_text(document)));
}

Task<std::map<std::string, AppPolicy>> all_policies(pg::Session& db) {
  const pg::Result result = co_await db.query(kAll, pg::Params());
  std::map<std::string, AppPolicy> policies;
  for (int i = 0; i < result.size(); ++i)
    policies.emplace(result[i].get<std::string>(1), to_policy(result[i]));
  co_return policies;
}

}  // namespace deis::controller::storage
