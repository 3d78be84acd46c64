#pragma once
// API tokens of users (not the session token, which is a column of users).

#include "controller/domain/model.h"
#include "controller/domain/page.h"
#include "controller/storage/pg/database.h"

namespace deis::controller::storage {

struct NewToken {
  std::string id, owner, name, hash;
  std::vector<std::string> scopes, apps;
  std::optional<std::int64_t> lifetime;  // seconds from now
};
// Error{conflict, "name"} when the owner has one of that name, Error{conflict, "tokens_pkey"} when the id is
// taken.
Task<ApiToken> create_token(pg::Session& db, NewToken token);
Task<std::int64_t> count_tokens(pg::Session& db, std::string owner);
Task<Page<ApiToken>> list_tokens(pg::Session& db, std::string owner, PageRequest page);
Task<bool> delete_token(pg::Session& db, std::string owner, std::string id);

struct TokenUser {
  User user;
  ApiToken token;
  bool is_expired = false;   // by the database's clock, which wrote the end
  bool used_lately = false;  // within the last minute
};
// The token with this hash and its user, in one statement.
Task<std::optional<TokenUser>> find_token_user(pg::Session& db, std::string hash);
Task<> touch_token(pg::Session& db, std::string id);  // used just now

}  // namespace deis::controller::storage
