#include "controller/storage/keys.h"

#include "controller/storage/paging.h"

namespace deis::controller::storage {
namespace {

#define KEY_COLUMNS "uuid, owner, id, public, fingerprint, created, updated"

constexpr auto kInsert =
    "INSERT INTO keys (owner, id, public, fingerprint) VALUES ($1, $2, $3, $4) RETURNING " KEY_COLUMNS;
constexpr auto kList = LIST_PAGE(KEY_COLUMNS, "keys WHERE owner = $1", "seq", "$2", "$3");
constexpr auto kFind = "SELECT " KEY_COLUMNS " FROM keys WHERE owner = $1 AND id = $2";
constexpr auto kFindByFingerprint = "SELECT " KEY_COLUMNS " FROM keys WHERE fingerprint = $1";
constexpr auto kDelete = "DELETE FROM keys WHERE owner = $1 AND id = $2";

Key to_key(const pg::Row& row) {
  return Key{
      .uuid = row.get<std::string>(0),
      .owner = row.get<std::string>(1),
      .id = row.get<std::string>(2),
      .public_key = row.get<std::string>(3),
      .fingerprint = row.get<std::string>(4),
      .created = row.get<SystemTime>(5),
      .updated = row.get<SystemTime>(6)};
}

std::optional<Key> first(const pg::Result& result) {
  if (result.empty()) return std::nullopt;
  return to_key(result[0]);
}

}  // namespace

Task<Key> create_key(
    pg::Session& db, std::string owner, std::string id, std::string public_key, std::string fingerprint) {
  const pg::Result result = co_await db.query(kInsert, pg::params(owner, id, public_key, fingerprint));
  co_return to_key(result[0]);
}

Task<Page<Key>> list_keys(pg::Session& db, std::string owner, PageRequest page) {
  return list_page<Key>(db, kList, pg::params(owner), page, to_key);
}

Task<std::optional<Key>> find_key(pg::Session& db, std::string owner, std::string id) {
  const pg::Result result = co_await db.query(kFind, pg::params(owner, id));
  co_return first(result);
}

Task<std::optional<Key>> find_key_by_fingerprint(pg::Session& db, std::string fingerprint) {
  const pg::Result result = co_await db.query(kFindByFingerprint, pg::params(fingerprint));
  co_return first(result);
}

Task<bool> delete_key(pg::Session& db, std::string owner, std::string id) {
  const pg::Result result = co_await db.query(kDelete, pg::params(owner, id));
  co_return result.affected() > 0;
}

}  // namespace deis::controller::storage
