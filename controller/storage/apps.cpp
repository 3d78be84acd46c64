#include "controller/storage/apps.h"

#include "controller/storage/paging.h"
#include "controller/storage/rows.h"
#include "core/base/error.h"

namespace deis::controller::storage {
namespace {

constexpr auto kInsert = "INSERT INTO apps (id, owner) VALUES ($1, $2) RETURNING " APP_COLUMNS("");
constexpr auto kFind =
    "SELECT " APP_COLUMNS("") " FROM apps WHERE id = $1 AND ($2::boolean OR destroying IS NULL)";
constexpr auto kLock = "SELECT " APP_COLUMNS("") " FROM apps WHERE id = $1 AND destroying IS NULL FOR UPDATE";
constexpr auto kFindFor =
    "SELECT " APP_COLUMNS("a.") ", EXISTS (SELECT FROM grants g WHERE g.app = a.id AND g.username = $2) "
    "FROM apps a WHERE a.id = $1 AND ($3::boolean OR a.destroying IS NULL)";
constexpr auto kListAll = LIST_PAGE(APP_COLUMNS(""), "apps WHERE destroying IS NULL", "seq", "$1", "$2");
constexpr auto kListOf = LIST_PAGE(
    APP_COLUMNS("a."),
    "apps a WHERE a.destroying IS NULL AND "
    "(a.owner = $1 OR EXISTS (SELECT FROM grants g WHERE g.app = a.id AND g.username = $1))",
    "a.seq",
    "$2",
    "$3");
constexpr auto kListAmong = LIST_PAGE(
    APP_COLUMNS("a."),
    "apps a WHERE a.destroying IS NULL AND a.id IN (SELECT jsonb_array_elements_text($1::jsonb)) AND "
    "($2::boolean OR a.owner = $3 OR EXISTS (SELECT FROM grants g WHERE g.app = a.id AND g.username = $3))",
    "a.seq",
    "$4",
    "$5");
constexpr auto kSetOwner = "UPDATE apps SET owner = $2, updated = now() WHERE id = $1";
constexpr auto kSetStructure = "UPDATE apps SET structure = $2, updated = now() WHERE id = $1";
constexpr auto kMarkDestroying =
    "UPDATE apps SET destroying = coalesce(destroying, now()) WHERE id = $1 AND uuid = $2 RETURNING id";
constexpr auto kIsDestroying = "SELECT FROM apps WHERE id = $1 AND destroying IS NOT NULL";
constexpr auto kListDestroying =
    "SELECT " APP_COLUMNS("") " FROM apps WHERE destroying IS NOT NULL ORDER BY destroying";
constexpr auto kDelete = "DELETE FROM apps WHERE id = $1 AND destroying IS NOT NULL";

constexpr auto kAll = "SELECT " APP_COLUMNS("") " FROM apps WHERE destroying IS NULL ORDER BY seq";
constexpr auto kLive =
    "SELECT DISTINCT ON (r.app) " RELEASE_COLUMNS("r.") ", " CONFIG_COLUMNS("c.") ", " BUILD_COLUMNS("b.")
    " FROM releases r JOIN configs c ON c.uuid = r.config LEFT JOIN builds b ON b.uuid = r.build WHERE NOT r.held ORDER BY r.app, r.version DESC";
constexpr auto kContainers = "SELECT " CONTAINER_COLUMNS("") " FROM containers ORDER BY seq";

std::optional<App> first(const pg::Result& result) {
  if (result.empty()) return std::nullopt;
  return to_app(result[0]);
}

}  // namespace

Task<App> create_app(pg::Session& db, AppId id, std::string owner) {
  try {
    const pg::Result result = co_await db.query(kInsert, pg::params(id.str(), owner));
    co_return to_app(result[0]);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::conflict) throw;
    throw Error(ErrorCode::conflict, "id", "This field must be unique.");
  }
}

Task<std::optional<App>> find_app(pg::Session& db, std::string id, Find which) {
  const pg::Result result = co_await db.query(kFind, pg::params(id, which == Find::destroying_too));
  co_return first(result);
}

Task<std::optional<App>> lock_app(pg::Session& db, std::string id) {
  const pg::Result result = co_await db.query(kLock, pg::params(id));
  co_return first(result);
}

Task<std::optional<AppAccess>> find_app_for(
    pg::Session& db, std::string id, std::string username, Find which) {
  const pg::Result result =
      co_await db.query(kFindFor, pg::params(id, username, which == Find::destroying_too));
  if (result.empty()) co_return std::nullopt;
  AppAccess access{.app = to_app(result[0]), .is_collaborator = result[0].get<bool>(6)};
  co_return access;
}

Task<Page<App>> list_apps(pg::Session& db, PageRequest page) {
  return list_page<App>(db, kListAll, pg::Params(), page, to_app);
}

Task<Page<App>> list_apps_of(pg::Session& db, std::string username, PageRequest page) {
  return list_page<App>(db, kListOf, pg::params(username), page, to_app);
}

Task<Page<App>> list_apps_among(pg::Session& db, User user, std::vector<std::string> ids, PageRequest page) {
  pg::Params values = pg::params(ids, user.is_superuser, user.username.str());
  return list_page<App>(db, kListAmong, std::move(values), page, to_app);
}

Task<> set_owner(pg::Session& db, std::string id, std::string owner) {
  co_await db.query(kSetOwner, pg::params(id, owner));
}

Task<> set_structure(pg::Session& db, std::string id, std::map<std::string, int> structure) {
  co_await db.query(kSetStructure, pg::params(id, structure));
}

Task<bool> mark_destroying(pg::Session& db, App app) {
  const pg::Result result = co_await db.query(kMarkDestroying, pg::params(app.id.str(), app.uuid));
  co_return !result.empty();
}

Task<bool> is_destroying(pg::Session& db, std::string id) {
  const pg::Result result = co_await db.query(kIsDestroying, pg::params(id));
  co_return !result.empty();
}

Task<std::vector<App>> list_destroying(pg::Session& db) {
  const pg::Result result = co_await db.query(kListDestroying, pg::Params());
  std::vector<App> apps;
  for (int i = 0; i < result.size(); ++i) apps.push_back(to_app(result[i]));
  co_return apps;
}

Task<> delete_app(pg::Session& db, std::string id) {
  co_await db.query(kDelete, pg::params(id));
}

Task<std::vector<WantedRow>> list_wanted(pg::Session& db) {
  const pg::Result apps = co_await db.query(kAll, pg::Params());
  const pg::Result live = co_await db.query(kLive, pg::Params());
  const pg::Result containers = co_await db.query(kContainers, pg::Params());
  std::vector<WantedRow> rows;
  std::map<std::string, std::size_t> place;
  for (int i = 0; i < apps.size(); ++i) {
    WantedRow row{.app = to_app(apps[i]), .live = std::nullopt, .containers = {}};
    place[row.app.id.str()] = rows.size();
    rows.push_back(std::move(row));
  }
  for (int i = 0; i < live.size(); ++i) {
    ReleaseBundle bundle = to_bundle(db.vault(), live[i], 0);
    const auto found = place.find(bundle.release.app);
    if (found != place.end()) rows[found->second].live = std::move(bundle);
  }
  for (int i = 0; i < containers.size(); ++i) {
    Container container = to_container(containers[i]);
    const auto found = place.find(container.app);
    if (found != place.end()) rows[found->second].containers.push_back(std::move(container));
  }
  co_return rows;
}

}  // namespace deis::controller::storage
