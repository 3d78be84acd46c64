#include "controller/storage/migrations.h"

#include "controller/storage/pg/connection.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "migrations.embedded.h"

#include <fmt/format.h>

#include <map>

namespace deis::controller::storage {
namespace {

constexpr auto kTable = R"(
  CREATE TABLE IF NOT EXISTS schema_migrations (
    name text PRIMARY KEY, sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now()))";
// Any constant of ours: it only has to be the same in every controller. Held until the transaction ends.
constexpr auto kLock = "SELECT pg_advisory_xact_lock(3471)";
constexpr auto kTakeYourTime = "SET LOCAL statement_timeout = 0";  // the deadline is limit enough
constexpr auto kAllApplied = "SELECT name, sha256 FROM schema_migrations";
constexpr auto kApplied = "SELECT sha256 FROM schema_migrations WHERE name = $1";
constexpr auto kNote = "INSERT INTO schema_migrations (name, sha256) VALUES ($1, $2)";

void require_same(const std::string& name, std::string_view applied, const embedded::migrations::File& file) {
  if (applied == sha256_hex(file.text)) return;
  throw Error(
      ErrorCode::internal,
      fmt::format("migration {} was applied in another form: restore the file or the database", name));
}

Task<bool> apply(pg::Database& database, const embedded::migrations::File& file, Deadline deadline) {
  const std::string name(file.name), sha = sha256_hex(file.text);
  pg::Transaction tx = co_await database.begin(deadline);
  co_await tx.query(kLock, pg::Params());
  const pg::Result applied = co_await tx.query(kApplied, pg::params(name));
  if (!applied.empty()) {
    require_same(name, applied[0].get<std::string>(0), file);
    co_return false;
  }
  co_await tx.query(kTakeYourTime, pg::Params());
  co_await tx.run_script(file.text);
  co_await tx.query(kNote, pg::params(name, sha));
  co_await tx.commit();
  co_return true;
}

// All at once: nearly every start finds nothing to apply.
Task<std::map<std::string, std::string>> read_applied(pg::Database& database, Deadline deadline) {
  pg::Transaction tx = co_await database.begin(deadline);
  co_await tx.query(kLock, pg::Params());
  co_await tx.query(kTable, pg::Params());
  const pg::Result rows = co_await tx.query(kAllApplied, pg::Params());
  co_await tx.commit();
  std::map<std::string, std::string> applied;
  for (int i = 0; i < rows.size(); ++i)
    applied.emplace(rows[i].get<std::string>(0), rows[i].get<std::string>(1));
  co_return applied;
}

}  // namespace

Task<int> migrate(pg::Database& database, Log log, Deadline deadline) {
  const auto applied = co_await read_applied(database, deadline);
  int count = 0;
  for (const auto& file : embedded::migrations::files) {
    const std::string name(file.name);
    if (const auto known = applied.find(name); known != applied.end()) {
      require_same(name, known->second, file);
      continue;
    }
    const bool fresh = co_await apply(database, file, deadline);
    if (!fresh) continue;
    ++count;
    log.info("migration applied", {{"file", file.name}});
  }
  co_return count;
}

}  // namespace deis::controller::storage
