#include "controller/storage/auto_certs.h"

#include "controller/storage/paging.h"
#include "controller/storage/secrets.h"
#include "controller/vault/vault.h"

namespace deis::controller::storage {
namespace {

#define AUTO_CERT_COLUMNS                                                                       \
  "a.domain, a.app, a.requested_by, a.created, a.next_attempt, a.last_attempt, "                \
  "(SELECT c.expires FROM cert_names n JOIN certs c ON c.id = n.cert WHERE n.name = a.domain)," \
  " a.failures, a.last_error, a.held_until, a.ordering"

// Times come as milliseconds.
#define TIME(parameter) "to_timestamp(" parameter "::bigint / 1000.0)"

constexpr auto kLock = "SELECT pg_try_advisory_xact_lock(3475)";
// The transaction lasts as long as an order.
constexpr auto kMayIdle = "SET LOCAL idle_in_transaction_session_timeout = 0";
// The share lock keeps the domain from going away meanwhile.
constexpr auto kWant =
    "INSERT INTO auto_certs (domain, app, requested_by, next_attempt) "
    "SELECT lower(d.domain), d.app, $3, " TIME("$4")
    " FROM domains d WHERE d.app = $1 AND lower(d.domain) = $2 FOR SHARE "
    "ON CONFLICT (domain) DO UPDATE SET app = EXCLUDED.app, requested_by = EXCLUDED.requested_by, "
    "next_attempt = CASE WHEN auto_certs.failures > 0 "
    "THEN greatest(EXCLUDED.next_attempt, auto_certs.held_until) ELSE auto_certs.next_attempt END "
    "RETURNING domain";
constexpr auto kFind = "SELECT " AUTO_CERT_COLUMNS " FROM auto_certs a WHERE a.domain = $1";
constexpr auto kList = LIST_PAGE(AUTO_CERT_COLUMNS, "auto_certs a WHERE a.app = $1", "a.domain", "$2", "$3");
constexpr auto kDelete = "DELETE FROM auto_certs WHERE app = $1 AND domain = $2";
constexpr auto kDeleteOne = "DELETE FROM auto_certs WHERE domain = $1";
constexpr auto kDue =
    "SELECT a.domain, a.app, apps.owner, a.failures FROM auto_certs a JOIN apps ON apps.id = a.app "
    "WHERE apps.destroying IS NULL AND (a.next_attempt <= " TIME("$1")
    " OR (a.failures = 0 AND NOT EXISTS (SELECT 1 FROM cert_names n WHERE n.name = a.domain))) "
    "ORDER BY a.next_attempt LIMIT 1";
constexpr auto kReclaim =
    "UPDATE auto_certs SET ordering = false, failures = failures + 1, next_attempt = " TIME(
        "$1") ", last_error = 'the order was interrupted' WHERE ordering";
constexpr auto kBegin =
    "UPDATE auto_certs SET ordering = true, last_attempt = " TIME("$2") " WHERE domain = $1";
constexpr auto kInsertOrder =
    "INSERT INTO acme_orders (domain, begun) VALUES ($1, " TIME("$2") ") RETURNING id";
constexpr auto kEndOrder = "UPDATE acme_orders SET outcome = $2 WHERE id = $1";
constexpr auto kNote =
    "UPDATE auto_certs SET ordering = false, failures = CASE WHEN $2 = '' THEN 0 ELSE failures + 1 END, "
    "last_error = $2, last_attempt = " TIME("$3") ", next_attempt = " TIME("$4") ", held_until = " TIME(
        "$5") " WHERE domain = $1";
constexpr auto kHold = "UPDATE auto_certs SET next_attempt = " TIME("$2") ", held_until = " TIME(
    "$2") ", failures = greatest(failures, 1), last_error = $3 WHERE domain = $1";
constexpr auto kOrders = "SELECT domain, coalesce(outcome, ''), begun FROM acme_orders WHERE begun > " TIME(
    "$1") " ORDER BY begun DESC LIMIT 10000";
constexpr auto kForget = "DELETE FROM acme_orders WHERE begun < " TIME("$1");
constexpr auto kAccount = "SELECT sealed_by, sealed_key FROM acme_accounts WHERE directory = $1";
constexpr auto kInsertAccount =
    "INSERT INTO acme_accounts (directory, sealed_key, sealed_by) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";

std::int64_t milliseconds(SystemTime time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

AutoCert to_auto_cert(const pg::Row& row) {
  return AutoCert{
      .domain = row.get<std::string>(0),
      .app = row.get<std::string>(1),
      .requested_by = row.get<std::string>(2),
      .created = row.get<SystemTime>(3),
      .next_attempt = row.get<SystemTime>(4),
      .last_attempt = row.get<std::optional<SystemTime>>(5),
      .expires = row.get<std::optional<SystemTime>>(6),
      .failures = row.get<int>(7),
      .last_error = row.get<std::string>(8),
      .held_until = row.get<std::optional<SystemTime>>(9),
      .ordering = row.get<bool>(10)};
}

}  // namespace

Task<std::optional<AutoCert>> want_auto_cert(
    pg::Session& db, std::string app, std::string domain, std::string by, SystemTime now) {
  pg::Params values = pg::params(app, domain, by, milliseconds(now));
  const pg::Result made = co_await db.query(kWant, std::move(values));
  if (made.empty()) co_return std::nullopt;
  co_return co_await find_auto_cert(db, std::move(domain));
}

Task<Page<AutoCert>> list_auto_certs(pg::Session& db, std::string app, PageRequest page) {
  return list_page<AutoCert>(db, kList, pg::params(app), page, to_auto_cert);
}

Task<std::optional<AutoCert>> find_auto_cert(pg::Session& db, std::string domain) {
  const pg::Result result = co_await db.query(kFind, pg::params(domain));
  if (result.empty()) co_return std::nullopt;
  co_return to_auto_cert(result[0]);
}

Task<bool> delete_auto_cert(pg::Session& db, std::string app, std::string domain) {
  const pg::Result result = co_await db.query(kDelete, pg::params(app, domain));
  co_return result.affected() > 0;
}

Task<> delete_auto_certs(pg::Session& db, std::vector<std::string> domains) {
  for (const auto& domain : domains) co_await db.query(kDeleteOne, pg::params(domain));
}

Task<std::optional<DueCert>> find_due_cert(pg::Session& db, SystemTime now) {
  const pg::Result result = co_await db.query(kDue, pg::params(milliseconds(now)));
  if (result.empty()) co_return std::nullopt;
  const pg::Row row = result[0];
  co_return DueCert{
      .domain = row.get<std::string>(0),
      .app = row.get<std::string>(1),
      .owner = row.get<std::string>(2),
      .failures = row.get<int>(3)};
}

Task<bool> take_auto_certs(pg::Transaction& tx) {
  co_await tx.query(kMayIdle, pg::Params());
  const pg::Result taken = co_await tx.query(kLock, pg::Params());
  co_return taken[0].get<bool>(0);
}

Task<std::int64_t> reclaim_interrupted(pg::Session& db, SystemTime now) {
  const pg::Result result = co_await db.query(kReclaim, pg::params(milliseconds(now)));
  co_return result.affected();
}

Task<std::int64_t> begin_order(pg::Transaction& tx, std::string domain, SystemTime now) {
  co_await tx.query(kBegin, pg::params(domain, milliseconds(now)));
  const pg::Result made = co_await tx.query(kInsertOrder, pg::params(domain, milliseconds(now)));
  co_return made[0].get<std::int64_t>(0);
}

Task<> end_order(pg::Session& db, std::int64_t order, std::string outcome) {
  co_await db.query(kEndOrder, pg::params(order, outcome));
}

Task<> note_attempt(pg::Session& db, std::string domain, AttemptResult result) {
  pg::Params values = pg::params(domain, result.error, milliseconds(result.now), milliseconds(result.next));
  values.push_back(result.held_until ? pg::param(milliseconds(*result.held_until)) : pg::Param());
  co_await db.query(kNote, std::move(values));
}

Task<> hold_back(pg::Session& db, std::string domain, SystemTime until, std::string why) {
  co_await db.query(kHold, pg::params(domain, milliseconds(until), why));
}

Task<std::vector<OrderRecord>> orders_since(pg::Session& db, SystemTime since) {
  const pg::Result result = co_await db.query(kOrders, pg::params(milliseconds(since)));
  std::vector<OrderRecord> orders;
  for (int i = 0; i < result.size(); ++i) {
    const pg::Row row = result[i];
    orders.push_back(
        {.domain = row.get<std::string>(0),
         .outcome = row.get<std::string>(1),
         .begun = row.get<SystemTime>(2)});
  }
  co_return orders;
}

Task<> forget_orders_before(pg::Session& db, SystemTime time) {
  co_await db.query(kForget, pg::params(milliseconds(time)));
}

Task<std::optional<std::string>> find_account_key(pg::Session& db, std::string directory) {
  const pg::Result result = co_await db.query(kAccount, pg::params(directory));
  if (result.empty()) co_return std::nullopt;
  const Sealed sealed{.key = result[0].get<std::string>(0), .text = result[0].get<std::string>(1)};
  co_return db.vault().open(acme_account_place(directory), sealed);
}

Task<> create_account(pg::Session& db, std::string directory, std::string key) {
  const Sealed sealed = db.vault().seal(acme_account_place(directory), key);
  co_await db.query(kInsertAccount, pg::params(directory, sealed.text, sealed.key));
}

}  // namespace deis::controller::storage
