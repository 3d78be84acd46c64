#include "controller/storage/secrets.h"

#include "controller/vault/vault.h"
#include "core/base/error.h"

#include <fmt/format.h>

#include <array>

namespace deis::controller::storage {
namespace {

constexpr auto kListKeys = "SELECT id FROM vault_keys ORDER BY created, id";
constexpr auto kAddKey = "INSERT INTO vault_keys (id) VALUES ($1) ON CONFLICT DO NOTHING";
constexpr auto kRemoveKey = "DELETE FROM vault_keys WHERE id = $1";

// One column of secrets. The statements that read give (row's id, text for `place`, the same, secret or
// sealed text, key); a row that somebody else changes just now is his.
struct SecretColumn {
  const char* plain;  // nullptr: it was never written without being sealed
  const char* stale;
  const char* count;
  const char* write;  // row's id, sealed text, key, and the fingerprint when it has one
  const char* wipe;
  std::string (*place)(const pg::Row& row);
  bool has_fingerprint;
};

constexpr std::array kColumns{
    SecretColumn{
        .plain = "SELECT uuid, app, uuid, values FROM configs WHERE sealed_values IS NULL "
                 "ORDER BY seq LIMIT $1 FOR UPDATE SKIP LOCKED",
        .stale = "SELECT uuid, app, uuid, sealed_values, sealed_by FROM configs WHERE sealed_by = $2 "
                 "LIMIT $1 FOR UPDATE SKIP LOCKED",
        .count = "SELECT count(*) FROM configs WHERE sealed_by = $1",
        .write = "UPDATE configs SET values = NULL, sealed_values = $2, sealed_by = $3 WHERE uuid = $1::uuid",
        .wipe = "VACUUM (FULL) configs",
        .place =
            [](const pg::Row& row) { return config_place(row.get<std::string>(1), row.get<std::string>(2)); },
        .has_fingerprint = false},
    SecretColumn{
        .plain = "SELECT id, username, '', token FROM users WHERE sealed_token IS NULL "
                 "ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED",
        .stale = "SELECT id, username, '', sealed_token, sealed_by FROM users WHERE sealed_by = $2 "
                 "LIMIT $1 FOR UPDATE SKIP LOCKED",
        .count = "SELECT count(*) FROM users WHERE sealed_by = $1",
        .write = "UPDATE users SET token = NULL, sealed_token = $2, sealed_by = $3, token_hash = $4 "
                 "WHERE id = $1::bigint",
        .wipe = "VACUUM (FULL) users",
        .place = [](const pg::Row& row) { return token_place(row.get<std::string>(1)); },
        .has_fingerprint = true},
    SecretColumn{
        .plain = "SELECT id, owner, common_name, key FROM certs WHERE sealed_key IS NULL "
                 "ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED",
        .stale = "SELECT id, owner, common_name, sealed_key, sealed_by FROM certs WHERE sealed_by = $2 "
                 "LIMIT $1 FOR UPDATE SKIP LOCKED",
        .count = "SELECT count(*) FROM certs WHERE sealed_by = $1",
        .write = "UPDATE certs SET key = NULL, sealed_key = $2, sealed_by = $3 WHERE id = $1::bigint",
        .wipe = "VACUUM (FULL) certs",
        .place =
            [](const pg::Row& row) {
              return cert_key_place(row.get<std::string>(1), row.get<std::string>(2));
            },
        .has_fingerprint = false},
    SecretColumn{
        .plain = nullptr,
        .stale = "SELECT directory, directory, '', sealed_key, sealed_by FROM acme_accounts "
                 "WHERE sealed_by = $2 LIMIT $1 FOR UPDATE SKIP LOCKED",
        .count = "SELECT count(*) FROM acme_accounts WHERE sealed_by = $1",
        .write = "UPDATE acme_accounts SET sealed_key = $2, sealed_by = $3 WHERE directory = $1",
        .wipe = nullptr,
        .place = [](const pg::Row& row) { return acme_account_place(row.get<std::string>(1)); },
        .has_fingerprint = false},
};

Task<> write_sealed(
    pg::Session& db, SecretColumn column, std::string id, std::string place, std::string secret) {
  const Vault& vault = db.vault();
  const Sealed sealed = vault.seal(place, secret);
  pg::Params values = pg::params(id, sealed.text, sealed.key);
  if (column.has_fingerprint) values.push_back(vault.fingerprints(secret).front());
  co_await db.query(column.write, std::move(values));
}

Task<int> seal_plain(pg::Database& database, SecretColumn column, int batch, Deadline deadline) {
  auto tx = co_await database.begin(deadline);
  const pg::Result rows = co_await tx.query(column.plain, pg::params(batch));
  for (int i = 0; i < rows.size(); ++i) {
    const pg::Row row = rows[i];
    co_await write_sealed(tx, column, row.get<std::string>(0), column.place(row), row.get<std::string>(3));
  }
  co_await tx.commit();
  co_return rows.size();
}

Task<int> reseal(pg::Database& database, SecretColumn column, std::string key, int batch, Deadline deadline) {
  auto tx = co_await database.begin(deadline);
  const pg::Result rows = co_await tx.query(column.stale, pg::params(batch, key));
  for (int i = 0; i < rows.size(); ++i) {
    const pg::Row row = rows[i];
    const std::string place = column.place(row);
    const Sealed old{.key = row.get<std::string>(4), .text = row.get<std::string>(3)};
    std::string secret = tx.vault().open(place, old);
    co_await write_sealed(tx, column, row.get<std::string>(0), place, std::move(secret));
  }
  co_await tx.commit();
  co_return rows.size();
}

}  // namespace

std::string config_place(std::string_view app, std::string_view uuid) {
  return fmt::format("configs.values {} {}", app, uuid);
}

std::string token_place(std::string_view username) {
  return fmt::format("users.token {}", username);
}

std::string cert_key_place(std::string_view owner, std::string_view common_name) {
  return fmt::format("certs.key {} {}", owner, common_name);
}

std::string acme_account_place(std::string_view directory) {
  return fmt::format("acme_accounts.key {}", directory);
}

Task<std::vector<std::string>> list_vault_keys(pg::Session& db) {
  const pg::Result rows = co_await db.query(kListKeys, pg::Params());
  std::vector<std::string> ids;
  for (int i = 0; i < rows.size(); ++i) ids.push_back(rows[i].get<std::string>(0));
  co_return ids;
}

Task<> add_vault_key(pg::Session& db, std::string id) {
  co_await db.query(kAddKey, pg::params(id));
}

Task<bool> remove_vault_key(pg::Session& db, std::string id) {
  try {
    co_await db.query(kRemoveKey, pg::params(id));
    co_return true;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::conflict) throw;  // a row refers to it
  }
  co_return false;
}

Task<int> seal_plain_rows(pg::Database& database, int batch, Deadline deadline) {
  int count = 0;
  for (const SecretColumn& column : kColumns) {
    if (column.plain) count += co_await seal_plain(database, column, batch, deadline);
  }
  co_return count;
}

Task<int> reseal_rows(pg::Database& database, std::string key, int batch, Deadline deadline) {
  int count = 0;
  for (const SecretColumn& column : kColumns) {
    count += co_await reseal(database, column, key, batch, deadline);
  }
  co_return count;
}

Task<std::int64_t> count_rows_sealed_by(pg::Session& db, std::string key) {
  std::int64_t count = 0;
  for (const SecretColumn& column : kColumns) {
    const pg::Result counted = co_await db.query(column.count, pg::params(key));
    count += counted[0].get<std::int64_t>(0);
  }
  co_return count;
}

Task<> wipe_replaced_rows(pg::Session& db) {
  for (const SecretColumn& column : kColumns) {
    if (column.wipe) co_await db.query(column.wipe, pg::Params());
  }
}

}  // namespace deis::controller::storage
