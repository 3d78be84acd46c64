#include "controller/storage/users.h"

#include "controller/storage/paging.h"
#include "core/base/text.h"

namespace deis::controller::storage {
namespace {

#define USER_COLUMNS                                                                                         \
  "id, username, password_hash, email, first_name, last_name, is_superuser, is_active, token, date_joined, " \
  "last_login, array_to_string(groups, E'\\n')"

// The lock makes "is there a superuser yet?" and the insertion one step: of two first users only one becomes
// superuser.
constexpr auto kLock = "SELECT pg_advisory_xact_lock(3472)";
constexpr auto kInsert =
    "INSERT INTO users (username, password_hash, email, first_name, last_name, token, is_superuser) "
    "SELECT $1, $2, $3, $4, $5, $6, NOT EXISTS (SELECT FROM users WHERE is_superuser) "
    "RETURNING " USER_COLUMNS;
constexpr auto kSaveDirectoryUser =
    "INSERT INTO users (username, password_hash, email, first_name, last_name, token, is_superuser, groups) "
    "VALUES ($1, '', $2, $3, $4, $5, false, string_to_array($6, E'\\n')) "
    "ON CONFLICT (username) DO UPDATE SET email = coalesce(nullif(excluded.email, ''), users.email), "
    "first_name = coalesce(nullif(excluded.first_name, ''), users.first_name), "
    "last_name = coalesce(nullif(excluded.last_name, ''), users.last_name), groups = excluded.groups "
    "RETURNING " USER_COLUMNS;
constexpr auto kFind = "SELECT " USER_COLUMNS " FROM users WHERE username = $1";
constexpr auto kFindByToken = "SELECT " USER_COLUMNS " FROM users WHERE token = $1";
constexpr auto kCount = "SELECT count(*) FROM users";
constexpr auto kList = "SELECT " USER_COLUMNS " FROM users ORDER BY id LIMIT $1 OFFSET $2";
constexpr auto kCountSuperusers = "SELECT count(*) FROM users WHERE is_superuser";
constexpr auto kListSuperusers =
    "SELECT " USER_COLUMNS " FROM users WHERE is_superuser ORDER BY id LIMIT $1 OFFSET $2";
constexpr auto kSetPassword = "UPDATE users SET password_hash = $2 WHERE username = $1";
constexpr auto kSetToken = "UPDATE users SET token = $2 WHERE username = $1";
constexpr auto kNames = "SELECT username FROM users ORDER BY id";
constexpr auto kSetSuperuser = "UPDATE users SET is_superuser = $2 WHERE username = $1";
constexpr auto kOwnsApps = "SELECT EXISTS (SELECT FROM apps WHERE owner = $1)";
constexpr auto kDelete = "DELETE FROM users WHERE username = $1";
constexpr auto kListGrants = "SELECT username FROM grants WHERE app = $1 ORDER BY username";
constexpr auto kHasGrant = "SELECT EXISTS (SELECT FROM grants WHERE app = $1 AND username = $2)";
constexpr auto kAddGrant = "INSERT INTO grants (app, username) VALUES ($1, $2) ON CONFLICT DO NOTHING";
constexpr auto kRemoveGrant = "DELETE FROM grants WHERE app = $1 AND username = $2";

User to_user(const pg::Row& row) {
  User user{
      .id = row.get<std::int64_t>(0),
      .username = UserName::parse(row.get<std::string>(1)),
      .password_hash = row.get<std::string>(2),
      .email = row.get<std::string>(3),
      .first_name = row.get<std::string>(4),
      .last_name = row.get<std::string>(5),
      .is_superuser = row.get<bool>(6),
      .is_active = row.get<bool>(7),
      .token = row.get<std::string>(8),
      .date_joined = row.get<SystemTime>(9),
      .last_login = row.get<SystemTime>(10)};
  const auto groups = row.get<std::string>(11);
  if (groups.empty()) return user;
  for (const std::string_view group : split(groups, '\n')) user.groups.emplace_back(group);
  return user;
}

Task<std::optional<User>> find_one(pg::Session& db, const char* sql, std::string value) {
  const pg::Result result = co_await db.query(sql, pg::params(value));
  if (result.empty()) co_return std::nullopt;
  co_return to_user(result[0]);
}

}  // namespace

Task<User> create_user(pg::Transaction& tx, NewUser user) {
  co_await tx.query(kLock, pg::Params());
  pg::Params values = pg::params(
      user.username.str(), user.password_hash, user.email, user.first_name, user.last_name, user.token);
  const pg::Result result = co_await tx.query(kInsert, std::move(values));
  co_return to_user(result[0]);
}

Task<User> save_directory_user(pg::Session& db, DirectoryUser user) {
  pg::Params values = pg::params(
      user.username.str(), user.email, user.first_name, user.last_name, user.token, join(user.groups, "\n"));
  const pg::Result result = co_await db.query(kSaveDirectoryUser, std::move(values));
  co_return to_user(result[0]);
}

Task<std::optional<User>> find_user(pg::Session& db, std::string username) {
  return find_one(db, kFind, std::move(username));
}

Task<std::optional<User>> find_user_by_token(pg::Session& db, std::string token) {
  return find_one(db, kFindByToken, std::move(token));
}

Task<Page<User>> list_users(pg::Session& db, PageRequest page) {
  return list_page<User>(db, kCount, kList, pg::Params(), page, to_user);
}

Task<Page<User>> list_superusers(pg::Session& db, PageRequest page) {
  return list_page<User>(db, kCountSuperusers, kListSuperusers, pg::Params(), page, to_user);
}

Task<> set_password(pg::Session& db, std::string username, std::string password_hash) {
  co_await db.query(kSetPassword, pg::params(username, password_hash));
}

Task<> set_token(pg::Session& db, std::string username, std::string token) {
  co_await db.query(kSetToken, pg::params(username, token));
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
