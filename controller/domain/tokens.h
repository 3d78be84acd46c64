#pragma once
// API tokens: named, scoped, perhaps for some apps and some time only. "deis_" and 40 hex digits; SHA-256 of
// the whole is what the database knows.

#include "controller/domain/context.h"
#include "controller/domain/model.h"
#include "controller/domain/page.h"

namespace deis::controller {

struct TokenRequest {
  std::string name;
  std::vector<std::string> scopes, apps;
  std::optional<std::int64_t> lifetime;  // seconds; for ever when absent
};

struct MadeToken {
  ApiToken token;
  std::string secret;
};

struct TokenBearer {
  User user;
  ApiToken token;
};

class Tokens {
 public:
  static constexpr std::int64_t kMaximum = 200;                             // per user
  static constexpr std::int64_t kLongestLifetime = 10LL * 365 * 24 * 3600;  // seconds

  explicit Tokens(Context& context) : context_(context) {}

  // Whether the text has the form of an API token; session tokens do not.
  static bool is_one(std::string_view presented);
  // nullopt for an unknown one. Error{unauthenticated} for one that has expired.
  Task<std::optional<TokenBearer>> find(std::string presented);

  // Error{conflict, "name"}; ValidationError for apps that the owner may not use; Error{invalid} when he has
  // too many.
  Task<MadeToken> make(User owner, TokenRequest request);
  Task<Page<ApiToken>> list(User owner, PageRequest page);
  Task<> revoke(User owner, std::string id);  // Error{not_found}

 private:
  Task<> check_apps(const User& owner, const std::vector<std::string>& apps);
  Task<ApiToken> write(User owner, TokenRequest request, std::string secret);

  Context& context_;
};

}  // namespace deis::controller
