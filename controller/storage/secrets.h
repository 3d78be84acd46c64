#pragma once
// The columns that hold secrets, which vault keys they use, and how all of them are sealed anew.

#include "controller/storage/pg/database.h"

#include <string>
#include <vector>

namespace deis::controller::storage {

// Where a secret is at home (vault/vault.h): sealed for one place it opens in no other.
std::string config_place(std::string_view app, std::string_view uuid);
std::string token_place(std::string_view username);
std::string cert_key_place(std::string_view owner, std::string_view common_name);
std::string acme_account_place(std::string_view directory);

// The keys that rows may use.
Task<std::vector<std::string>> list_vault_keys(pg::Session& db);
Task<> add_vault_key(pg::Session& db, std::string id);  // idempotent
// False when a row still uses it: then it stays. What is being written with it at this moment counts.
Task<bool> remove_vault_key(pg::Session& db, std::string id);

// Seals at most `batch` rows that are plain, in one transaction; how many. 0: there are no more.
Task<int> seal_plain_rows(pg::Database& database, int batch, Deadline deadline);
// The same for rows that use `key`, which is not the vault's newest.
Task<int> reseal_rows(pg::Database& database, std::string key, int batch, Deadline deadline);
Task<std::int64_t> count_rows_sealed_by(pg::Session& db, std::string key);

// What an UPDATE replaced stays on the disk until its place is used again: writes the tables anew.
Task<> wipe_replaced_rows(pg::Session& db);

}  // namespace deis::controller::storage
