#include "controller/storage/tokens.h"

#include "controller/storage/paging.h"
#include "controller/storage/rows.h"

namespace deis::controller::storage {
namespace {

#define TOKEN_COLUMNS(t) \
  t "id, " t "owner, " t "name, " t "scopes, " t "apps, " t "created, " t "expires, " t "last_used"
constexpr int kTokenColumns = 8;

constexpr auto kInsert =
    "INSERT INTO tokens (id, owner, name, hash, scopes, apps, expires) "
    "VALUES ($1, $2, $3, $4, $5, $6, now() + $7::bigint * interval '1 second') RETURNING " TOKEN_COLUMNS("");
constexpr auto kCount = "SELECT count(*) FROM tokens WHERE owner = $1";
constexpr auto kList =
    "SELECT " TOKEN_COLUMNS("") " FROM tokens WHERE owner = $1 ORDER BY seq LIMIT $2 OFFSET $3";
constexpr auto kDelete = "DELETE FROM tokens WHERE owner = $1 AND id = $2";
constexpr auto kFind =
    "SELECT " USER_COLUMNS("u.") ", " TOKEN_COLUMNS("t.") ", coalesce(t.expires <= now(), false), "
    "coalesce(t.last_used > now() - interval '1 minute', false) "
    "FROM tokens t JOIN users u ON u.username = t.owner WHERE t.hash = $1";
constexpr auto kTouch = "UPDATE tokens SET last_used = now() WHERE id = $1";

ApiToken to_token(const pg::Row& row, int at) {
  return ApiToken{
      .id = row.get<std::string>(at),
      .owner = row.get<std::string>(at + 1),
      .name = row.get<std::string>(at + 2),
      .scopes = row.get<std::vector<std::string>>(at + 3),
      .apps = row.get<std::vector<std::string>>(at + 4),
      .created = row.get<SystemTime>(at + 5),
      .expires = row.get<std::optional<SystemTime>>(at + 6),
      .last_used = row.get<std::optional<SystemTime>>(at + 7)};
}

ApiToken read_token(const pg::Row& row) {
  return to_token(row, 0);
}

}  // namespace

Task<ApiToken> create_token(pg::Session& db, NewToken token) {
  pg::Params values = pg::params(token.id, token.owner, token.name, token.hash, token.scopes, token.apps);
  values.push_back(token.lifetime ? pg::param(*token.lifetime) : pg::Param());
  const pg::Result result = co_await db.query(kInsert, std::move(values));
  co_return read_token(result[0]);
}

Task<std::int64_t> count_tokens(pg::Session& db, std::string owner) {
  const pg::Result result = co_await db.query(kCount, pg::params(owner));
  co_return result[0].get<std::int64_t>(0);
}

Task<Page<ApiToken>> list_tokens(pg::Session& db, std::string owner, PageRequest page) {
  return list_page<ApiToken>(db, kCount, kList, pg::params(owner), page, read_token);
}

Task<bool> delete_token(pg::Session& db, std::string owner, std::string id) {
  const pg::Result result = co_await db.query(kDelete, pg::params(owner, id));
  co_return result.affected() > 0;
}

Task<std::optional<TokenUser>> find_token_user(pg::Session& db, std::string hash) {
  const pg::Result result = co_await db.query(kFind, pg::params(hash));
  if (result.empty()) co_return std::nullopt;
  const pg::Row row = result[0];
  constexpr int kFlags = kUserColumns + kTokenColumns;
  TokenUser found{
      .user = to_user(row),
      .token = to_token(row, kUserColumns),
      .is_expired = row.get<bool>(kFlags),
      .used_lately = row.get<bool>(kFlags + 1)};
  co_return found;
}

Task<> touch_token(pg::Session& db, std::string id) {
  co_await db.query(kTouch, pg::params(id));
}

}  // namespace deis::controller::storage
