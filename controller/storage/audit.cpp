#include "controller/storage/audit.h"

#include "controller/storage/paging.h"

namespace deis::controller::storage {
namespace {

#define AUDIT_COLUMNS "id, time, username, token, address, action, app, detail, status, request"

constexpr auto kInsert =
    "INSERT INTO audit (username, token, address, action, app, detail, status, request) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
constexpr auto kCount = "SELECT count(*) FROM audit";
constexpr auto kList = "SELECT " AUDIT_COLUMNS " FROM audit ORDER BY id DESC LIMIT $1 OFFSET $2";
#define OF_APP "FROM audit WHERE app = $1 AND app <> '' AND time >= (SELECT created FROM apps WHERE id = $1)"
constexpr auto kCountOf = "SELECT count(*) " OF_APP;
constexpr auto kListOf = "SELECT " AUDIT_COLUMNS " " OF_APP " ORDER BY id DESC LIMIT $2 OFFSET $3";
// Ids and times grow together: when none of the oldest has to go, none has.
constexpr auto kPrune =
    "DELETE FROM audit WHERE id IN (SELECT id FROM audit ORDER BY id LIMIT $3::bigint) "
    "AND (time < now() - $1::bigint * interval '1 day' OR id <= (SELECT max(id) FROM audit) - $2::bigint)";

AuditRecord to_record(const pg::Row& row) {
  return AuditRecord{
      .id = row.get<std::int64_t>(0),
      .time = row.get<SystemTime>(1),
      .user = row.get<std::string>(2),
      .token = row.get<std::string>(3),
      .address = row.get<std::string>(4),
      .action = row.get<std::string>(5),
      .app = row.get<std::string>(6),
      .detail = row.get<std::string>(7),
      .status = row.get<int>(8),
      .request = row.get<std::string>(9)};
}

}  // namespace

Task<> add_audit_record(pg::Session& db, AuditRecord record) {
  pg::Params values = pg::params(
      record.user,
      record.token,
      record.address,
      record.action,
      record.app,
      record.detail,
      record.status,
      record.request);
  co_await db.query(kInsert, std::move(values));
}

Task<Page<AuditRecord>> list_audit(pg::Session& db, PageRequest page) {
  return list_page<AuditRecord>(db, kCount, kList, pg::Params(), page, to_record);
}

Task<Page<AuditRecord>> list_audit_of(pg::Session& db, std::string app, PageRequest page) {
  return list_page<AuditRecord>(db, kCountOf, kListOf, pg::params(app), page, to_record);
}

Task<std::int64_t> prune_audit(pg::Session& db, std::int64_t days, std::int64_t maximum, std::int64_t batch) {
  const pg::Result result = co_await db.query(kPrune, pg::params(days, maximum, batch));
  co_return result.affected();
}

}  // namespace deis::controller::storage
