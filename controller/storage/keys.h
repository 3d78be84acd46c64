#pragma once
// SSH keys of users.

#include "controller/domain/model.h"
#include "controller/domain/page.h"
#include "controller/storage/pg/database.h"

namespace deis::controller::storage {

// Error{conflict, "public"} when anybody has the key, {conflict, "id"} when the owner has the id.
Task<Key> create_key(
    pg::Session& db, std::string owner, std::string id, std::string public_key, std::string fingerprint);
Task<Page<Key>> list_keys(pg::Session& db, std::string owner, PageRequest page);
Task<std::optional<Key>> find_key(pg::Session& db, std::string owner, std::string id);
Task<std::optional<Key>> find_key_by_fingerprint(pg::Session& db, std::string fingerprint);
Task<bool> delete_key(pg::Session& db, std::string owner, std::string id);

}  // namespace deis::controller::storage
