#include "controller/domain/tokens.h"

#include "controller/domain/validation.h"
#include "controller/storage/apps.h"
#include "controller/storage/tokens.h"
#include "core/base/random.h"
#include "core/base/text.h"

#include <fmt/format.h>

namespace deis::controller {
namespace {

constexpr std::string_view kPrefix = "deis_";
constexpr std::size_t kSecretBytes = 20;
constexpr std::size_t kIdBytes = 4;
constexpr int kIdAttempts = 5;
constexpr auto kIdTaken = "tokens_pkey";

}  // namespace

bool Tokens::is_one(std::string_view presented) {
  return presented.starts_with(kPrefix);
}

Task<std::optional<TokenBearer>> Tokens::find(std::string presented) {
  auto db = context_.database.session(query_deadline());
  auto found = co_await storage::find_token_user(db, sha256_hex(presented));
  if (!found) co_return std::nullopt;
  if (found->is_expired) throw Error(ErrorCode::unauthenticated, "This token has expired");
  // To the minute is good enough, and spares a write for each request.
  if (!found->used_lately) co_await storage::touch_token(db, found->token.id);
  co_return TokenBearer{.user = std::move(found->user), .token = std::move(found->token)};
}

Task<MadeToken> Tokens::make(User owner, TokenRequest request) {
  co_await check_apps(owner, request.apps);
  auto db = context_.database.session(query_deadline());
  const auto count = co_await storage::count_tokens(db, owner.username.str());
  if (count >= kMaximum) {
    throw Error(
        ErrorCode::invalid,
        fmt::format("A user has at most {} tokens: revoke one of yours first.", kMaximum));
  }
  const std::string secret = std::string(kPrefix) + random_hex(kSecretBytes);
  ApiToken token = co_await write(std::move(owner), std::move(request), secret);
  co_return MadeToken{.token = std::move(token), .secret = secret};
}

// A token for an app that is not there yet would be good for whoever's app takes the name.
Task<> Tokens::check_apps(const User& owner, const std::vector<std::string>& apps) {
  auto db = context_.database.session(query_deadline());
  Problems problems;
  for (const auto& app : apps) {
    const auto access = co_await storage::find_app_for(db, app, owner.username.str());
    const bool may = access && (owner.is_superuser || access->is_collaborator ||
                                access->app.owner == owner.username.str());
    if (!may) problems.add("apps", fmt::format("There is no app '{}' that you may use.", app));
  }
  problems.throw_if_any();
}

Task<ApiToken> Tokens::write(User owner, TokenRequest request, std::string secret) {
  auto db = context_.database.session(query_deadline());
  for (int attempt = 1;; ++attempt) {
    storage::NewToken row{
        .id = random_hex(kIdBytes),
        .owner = owner.username.str(),
        .name = request.name,
        .hash = sha256_hex(secret),
        .scopes = request.scopes,
        .apps = request.apps,
        .lifetime = request.lifetime};
    try {
      co_return co_await storage::create_token(db, std::move(row));
    } catch (const Error& error) {
      if (error.field() != kIdTaken || attempt == kIdAttempts) throw;
    }
  }
}

Task<Page<ApiToken>> Tokens::list(User owner, PageRequest page) {
  auto db = context_.database.session(query_deadline());
  co_return co_await storage::list_tokens(db, owner.username.str(), page);
}

Task<> Tokens::revoke(User owner, std::string id) {
  auto db = context_.database.session(query_deadline());
  const bool existed = co_await storage::delete_token(db, owner.username.str(), id);
  if (!existed) throw not_found();
}

}  // namespace deis::controller
