#include "controller/storage/users.h"

#include "controller/storage/paging.h"
#include "controller/storage/rows.h"
#include "controller/storage/secrets.h"
#include "core/base/error.h"
#include "core/base/text.h"

namespace deis::controller::storage {
namespace {

// The lock makes "is there a superuser yet?" and the insertion one step: of two first users only one becomes
// superuser.
constexpr auto kLock = "SELECT pg_advisory_xact_lock(3472)";
constexpr auto kInsert =
    "INSERT INTO users (username, password_hash, email, first_name, last_name, sealed_token, sealed_by, "
    "token_hash, is_superuser) "
    "SELECT $1, $2, $3, $4, $5, $6, $7, $8, NOT EXISTS (SELECT FROM users WHERE is_superuser) "
    "RETURNING " USER_COLUMNS("");
constexpr auto kSaveDirectoryUser =
    "INSERT INTO users (username, password_hash, email, first_name, last_name, sealed_token, sealed_by, "
    "token_hash, is_superuser, groups) "
    "VALUES ($1, '', $2, $3, $4, $5, $6, $7, false, string_to_array($8, E'\\n')) "
    "ON CONFLICT (username) DO UPDATE SET email = coalesce(nullif(excluded.email, ''), users.email), "
    "first_name = coalesce(nullif(excluded.first_name, ''), users.first_name), "
    "last_name = coalesce(nullif(excluded.last_name, ''), users.last_name), groups = excluded.groups "
    "RETURNING " USER_COLUMNS("");
constexpr auto kFind = "SELECT " USER_COLUMNS("") " FROM users WHERE username = $1";
constexpr auto kFindByToken = "SELECT " USER_COLUMNS("") " FROM users WHERE token_hash = ANY ($1::text[])";
constexpr auto kToken = "SELECT sealed_token, sealed_by FROM users WHERE username = $1";
constexpr auto kList = LIST_PAGE(USER_COLUMNS(""), "users", "id", "$1", "$2");
constexpr auto kListSuperusers = LIST_PAGE(USER_COLUMNS(""), "users WHERE is_superuser", "id", "$1", "$2");
constexpr auto kSetPassword = "UPDATE users SET password_hash = $2 WHERE username = $1";
constexpr auto kReplacePassword =
    "UPDATE users SET password_hash = $3 WHERE username = $1 AND password_hash = $2";
constexpr auto kSetToken =
    "UPDATE users SET sealed_token = $2, sealed_by = $3, token_hash = $4 WHERE username = $1";
constexpr auto kNames = "SELECT username FROM users ORDER BY id";
constexpr auto kSetSuperuser = "UPDATE users SET is_superuser = $2 WHERE username = $1";
constexpr auto kOwnsApps = "SELECT EXISTS (SELECT FROM apps WHERE owner = $1)";
constexpr auto kDelete = "DELETE FROM users WHERE username = $1";
constexpr auto kListGrants = "SELECT username FROM grants WHERE app = $1 ORDER BY username";
constexpr auto kHasGrant = "SELECT EXISTS (SELECT FROM grants WHERE app = $1 AND username = $2)";
constexpr auto kAddGrant = "INSERT INTO grants (app, username) VALUES ($1, $2) ON CONFLICT DO NOTHING";
constexpr auto kRemoveGrant = "DELETE FROM grants WHERE app = $1 AND username = $2";

Task<std::optional<User>> find_one(pg::Session& db, const char* sql, std::string value) {
  const pg::Result result = co_await db.query(sql, pg::params(value));
  if (result.empty()) co_return std::nullopt;
  co_return to_user(result[0]);
}

}  // namespace

Task<User> create_user(pg::Transaction& tx, NewUser user) {
  co_await tx.query(kLock, pg::Params());
  const std::string name = user.username.str();
  const Sealed sealed = tx.vault().seal(token_place(name), user.token);
  pg::Params values = pg::params(
      name,
      user.password_hash,
      user.email,
      user.first_name,
      user.last_name,
      sealed.text,
      sealed.key,
      tx.vault().fingerprints(user.token).front());
  const pg::Result result = co_await tx.query(kInsert, std::move(values));
  co_return to_user(result[0]);
}

Task<User> save_directory_user(pg::Session& db, DirectoryUser user) {
  const std::string name = user.username.str();
  const Sealed sealed = db.vault().seal(token_place(name), user.token);
  pg::Params values = pg::params(
      name,
      user.email,
      user.first_name,
      user.last_name,
      sealed.text,
      sealed.key,
      db.vault().fingerprints(user.token).front(),
      join(user.groups, "\n"));
  const pg::Result result = co_await db.query(kSaveDirectoryUser, std::move(values));
  co_return to_user(result[0]);
}

Task<std::optional<User>> find_user(pg::Session& db, std::string username) {
  return find_one(db, kFind, std::move(username));
}

Task<std::optional<User>> find_user_by_token(pg::Session& db, std::string token) {
  // One for each key, as long as rows are being sealed with a new one. They are hexadecimal: nothing to
  // quote.
  return find_one(db, kFindByToken, "{" + join(db.vault().fingerprints(token), ",") + "}");
}

Task<std::string> read_token(pg::Session& db, std::string username) {
  const pg::Result result = co_await db.query(kToken, pg::params(username));
  if (result.empty()) throw Error(ErrorCode::not_found, "Not found");
  const Sealed sealed{.key = result[0].get<std::string>(1), .text = result[0].get<std::string>(0)};
  co_return db.vault().open(token_place(username), sealed);
}

Task<Page<User>> list_users(pg::Session& db, PageRequest page) {
  return list_page<User>(db, kList, pg::Params(), page, to_user);
}

Task<Page<User>> list_superusers(pg::Session& db, PageRequest page) {
  return list_page<User>(db, kListSuperusers, pg::Params(), page, to_user);
}

Task<> set_password(pg::Session& db, std::string username, std::string password_hash) {
  co_await db.query(kSetPassword, pg::params(username, password_hash));
}

Task<> replace_password(pg::Session& db, std::string username, std::string old, std::string password_hash) {
  co_await db.query(kReplacePassword, pg::params(username, old, password_hash));
}

Task<> set_token(pg::Session& db, std::string username, std::string token) {
  const Sealed sealed = db.vault().seal(token_place(username), token);
  const std::string hash = db.vault().fingerprints(token).front();
  co_await db.query(kSetToken, pg::params(username, sealed.text, sealed.key, hash));
}

Task<std::vector<std::string>> all_usernames(pg::Session& db) {
  const pg::Result result = co_await db.query(kNames, pg::Params());
  co_return strings(result);
}

Task<> set_superuser(pg::Session& db, std::string username, bool is_superuser) {
  co_await db.query(kSetSuperuser, pg::params(username, is_superuser));
}

Task<bool> owns_apps(pg::Session& db, std::string username) {
  const pg::Result result = co_await db.query(kOwnsApps, pg::params(username));
  co_return result[0].get<bool>(0);
}

Task<> delete_user(pg::Session& db, std::string username) {
  co_await db.query(kDelete, pg::params(username));
}

Task<std::vector<std::string>> list_grants(pg::Session& db, std::string app) {
  const pg::Result result = co_await db.query(kListGrants, pg::params(app));
  co_return strings(result);
}

Task<bool> has_grant(pg::Session& db, std::string app, std::string username) {
  const pg::Result result = co_await db.query(kHasGrant, pg::params(app, username));
  co_return result[0].get<bool>(0);
}

Task<> add_grant(pg::Session& db, std::string app, std::string username) {
  co_await db.query(kAddGrant, pg::params(app, username));
}

Task<bool> remove_grant(pg::Session& db, std::string app, std::string username) {
  const pg::Result result = co_await db.query(kRemoveGrant, pg::params(app, username));
  co_return result.affected() > 0;
}

}  // namespace deis::controller::storage
