#include "controller/storage/canaries.h"

#include "controller/storage/rows.h"

namespace deis::controller::storage {
namespace {

#define CANARY_COLUMNS(t) \
  t "app, " t "owner, " t "release, " t "weight, " t "containers, " t "created, " t "updated"
constexpr int kCanaryColumns = 7;

constexpr auto kFind = "SELECT " CANARY_COLUMNS("") " FROM canaries WHERE app = $1";
constexpr auto kSave =
    "INSERT INTO canaries (app, owner, release, weight, containers) VALUES ($1, $2, $3, $4, $5) "
    "ON CONFLICT (app) DO UPDATE SET weight = excluded.weight, containers = excluded.containers, "
    "updated = now() RETURNING " CANARY_COLUMNS("");
constexpr auto kDelete = "DELETE FROM canaries WHERE app = $1";
constexpr auto kAll =
    "SELECT " CANARY_COLUMNS("k.") ", " RELEASE_COLUMNS("r.") ", " CONFIG_COLUMNS("c.") ", " BUILD_COLUMNS("b.")
    " FROM canaries k JOIN releases r ON r.app = k.app AND r.version = k.release "
    "JOIN configs c ON c.uuid = r.config LEFT JOIN builds b ON b.uuid = r.build";

AppCanary to_canary(const pg::Row& row) {
  return AppCanary{
      .app = row.get<std::string>(0),
      .owner = row.get<std::string>(1),
      .release = row.get<std::int64_t>(2),
      .weight = row.get<int>(3),
      .containers = row.get<std::map<std::string, int>>(4),
      .created = row.get<SystemTime>(5),
      .updated = row.get<SystemTime>(6)};
}

}  // namespace

Task<std::optional<AppCanary>> find_canary(pg::Session& db, std::string app) {
  const pg::Result result = co_await db.query(kFind, pg::params(app));
  if (result.empty()) co_return std::nullopt;
  co_return to_canary(result[0]);
}

Task<AppCanary> save_canary(pg::Session& db, AppCanary canary) {
  pg::Params values = pg::params(canary.app, canary.owner, canary.release, canary.weight, canary.containers);
  const pg::Result result = co_await db.query(kSave, std::move(values));
  co_return to_canary(result[0]);
}

Task<bool> delete_canary(pg::Session& db, std::string app) {
  const pg::Result result = co_await db.query(kDelete, pg::params(app));
  co_return result.affected() > 0;
}

Task<std::vector<CanaryBundle>> all_canaries(pg::Session& db) {
  const pg::Result result = co_await db.query(kAll, pg::Params());
  std::vector<CanaryBundle> canaries;
  for (int i = 0; i < result.size(); ++i) {
    CanaryBundle one{
        .canary = to_canary(result[i]), .bundle = to_bundle(db.vault(), result[i], kCanaryColumns)};
    canaries.push_back(std::move(one));
  }
  co_return canaries;
}

}  // namespace deis::controller::storage
