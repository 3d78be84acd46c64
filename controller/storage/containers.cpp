#include "controller/storage/containers.h"

#include "controller/storage/paging.h"
#include "controller/storage/rows.h"

namespace deis::controller::storage {
namespace {

constexpr auto kList = LIST_PAGE(
    CONTAINER_COLUMNS(""),
    "containers WHERE app = $1 AND ($2::text IS NULL OR type = $2)",
    "seq",
    "$3",
    "$4");
constexpr auto kAll = "SELECT " CONTAINER_COLUMNS("") " FROM containers WHERE app = $1 ORDER BY seq";
constexpr auto kFind =
    "SELECT " CONTAINER_COLUMNS("") " FROM containers WHERE app = $1 AND type = $2 AND num = $3";
constexpr auto kInsert =
    "INSERT INTO containers (app, owner, type, num, release) VALUES ($1, $2, $3, $4, $5) "
    "RETURNING " CONTAINER_COLUMNS("");
constexpr auto kDelete = "DELETE FROM containers WHERE app = $1 AND type = $2 AND num = $3";
constexpr auto kMove = "UPDATE containers SET release = $2, updated = now() WHERE app = $1 AND release <> $2";

}  // namespace

Task<Page<Container>> list_containers(
    pg::Session& db, std::string app, std::optional<std::string> type, PageRequest page) {
  return list_page<Container>(db, kList, pg::params(app, type), page, to_container);
}

Task<std::vector<Container>> all_containers(pg::Session& db, std::string app) {
  const pg::Result result = co_await db.query(kAll, pg::params(app));
  std::vector<Container> containers;
  for (int i = 0; i < result.size(); ++i) containers.push_back(to_container(result[i]));
  co_return containers;
}

Task<std::optional<Container>> find_container(pg::Session& db, std::string app, std::string type, int num) {
  const pg::Result result = co_await db.query(kFind, pg::params(app, type, num));
  if (result.empty()) co_return std::nullopt;
  co_return to_container(result[0]);
}

Task<Container> create_container(
    pg::Session& db, std::string app, std::string owner, std::string type, int num, std::int64_t release) {
  const pg::Result result = co_await db.query(kInsert, pg::params(app, owner, type, num, release));
  co_return to_container(result[0]);
}

Task<bool> delete_container(pg::Session& db, std::string app, std::string type, int num) {
  const pg::Result result = co_await db.query(kDelete, pg::params(app, type, num));
  co_return result.affected() > 0;
}

Task<> move_containers(pg::Session& db, std::string app, std::int64_t release) {
  co_await db.query(kMove, pg::params(app, release));
}

}  // namespace deis::controller::storage
