#include "controller/storage/domains.h"

#include "controller/storage/paging.h"

namespace deis::controller::storage {
namespace {

#define DOMAIN_COLUMNS "app, owner, domain, created, updated"

constexpr auto kInsert =
    "INSERT INTO domains (app, owner, domain) VALUES ($1, $2, $3) RETURNING " DOMAIN_COLUMNS;
constexpr auto kList = LIST_PAGE(DOMAIN_COLUMNS, "domains WHERE app = $1", "seq", "$2", "$3");
constexpr auto kAll = "SELECT " DOMAIN_COLUMNS " FROM domains ORDER BY seq";
constexpr auto kFindApp = "SELECT app FROM domains WHERE lower(domain) = $1";
constexpr auto kFindForeign =
    "SELECT d.domain FROM domains d JOIN apps a ON a.id = d.app "
    "WHERE (lower(d.domain) IN (SELECT jsonb_array_elements_text($2::jsonb)) OR "
    "regexp_replace(lower(d.domain), '^[^.]*', '*') IN (SELECT jsonb_array_elements_text($2::jsonb))) "
    "AND a.owner <> $1 AND NOT EXISTS (SELECT FROM grants g WHERE g.app = a.id AND g.username = $1) "
    "ORDER BY d.seq LIMIT 1";
constexpr auto kDelete = "DELETE FROM domains WHERE app = $1 AND domain = $2";

Domain to_domain(const pg::Row& row) {
  return Domain{
      .app = row.get<std::string>(0),
      .owner = row.get<std::string>(1),
      .domain = row.get<std::string>(2),
      .created = row.get<SystemTime>(3),
      .updated = row.get<SystemTime>(4)};
}

}  // namespace

Task<Domain> create_domain(pg::Session& db, std::string app, std::string owner, std::string domain) {
  const pg::Result result = co_await db.query(kInsert, pg::params(app, owner, domain));
  co_return to_domain(result[0]);
}

Task<Page<Domain>> list_domains(pg::Session& db, std::string app, PageRequest page) {
  return list_page<Domain>(db, kList, pg::params(app), page, to_domain);
}

Task<std::optional<std::string>> find_domain_app(pg::Session& db, std::string domain) {
  const pg::Result result = co_await db.query(kFindApp, pg::params(domain));
  if (result.empty()) co_return std::nullopt;
  co_return result[0].get<std::string>(0);
}

Task<std::optional<std::string>> find_foreign_domain(
    pg::Session& db, std::string username, std::vector<std::string> names) {
  const pg::Result result = co_await db.query(kFindForeign, pg::params(username, names));
  if (result.empty()) co_return std::nullopt;
  co_return result[0].get<std::string>(0);
}

Task<std::vector<Domain>> all_domains(pg::Session& db) {
  const pg::Result result = co_await db.query(kAll, pg::Params());
  std::vector<Domain> domains;
  for (int i = 0; i < result.size(); ++i) domains.push_back(to_domain(result[i]));
  co_return domains;
}

Task<bool> delete_domain(pg::Session& db, std::string app, std::string domain) {
  const pg::Result result = co_await db.query(kDelete, pg::params(app, domain));
  co_return result.affected() > 0;
}

}  // namespace deis::controller::storage
