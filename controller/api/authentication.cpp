#include "controller/api/authentication.h"

#include "controller/api/credentials.h"
#include "controller/domain/services.h"
#include "controller/domain/validation.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace deis::controller::api {
namespace {

Task<> find_bearer(Services& services, std::string presented, Call& call) {
  if (!Tokens::is_one(presented)) {
    call.caller = co_await services.users.find_by_token(std::move(presented));
    co_return;
  }
  auto bearer = co_await services.tokens.find(std::move(presented));
  if (!bearer) co_return;
  call.caller = std::move(bearer->user);
  call.token = std::move(bearer->token);
}

// Where nobody has to be logged in, bad credentials are none (contract §3.1), and a token that may not do
// everything that its user may is not his.
Task<> notice_bearer(Services& services, Call& call) {
  const auto presented = presented_token(call.request);
  if (!presented) co_return;
  try {
    co_await find_bearer(services, *presented, call);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::unauthenticated) throw;
  }
  const bool partial = call.token && (!call.token->apps.empty() || !allows(call.token->scopes, Scope::admin));
  const bool inactive = call.caller && !call.caller->is_active;
  if (partial || inactive) {
    call.caller.reset();
    call.token.reset();
  }
}

// Tokens for some apps reach these apps, the list of apps and the trace of a host (which show no others) and
// the root, by which clients try their credentials.
void check_reach(const ApiToken& token, const Route& route, const Call& call) {
  if (token.apps.empty()) return;
  const auto app = call.path.find("app");
  const std::string_view pattern = route.pattern;
  const bool gets = std::string_view(route.method) == "GET";
  const bool reached = app != call.path.end()
                           ? std::ranges::find(token.apps, app->second) != token.apps.end()
                           : gets && (pattern == "/v1" || pattern == "/v1/apps" || pattern == "/v1/routes");
  if (!reached)
    throw Error(ErrorCode::forbidden, "This token is for some apps only, and this is none of them.");
}

void check_scope(const ApiToken& token, Scope needed) {
  if (allows(token.scopes, needed)) return;
  if (needed == Scope::session) {
    throw Error(ErrorCode::forbidden, "API tokens may not do this: log in and use the session token.");
  }
  throw Error(ErrorCode::forbidden, fmt::format("This token lacks the scope '{}'.", name_of(needed)));
}

}  // namespace

Task<> identify(Services& services, const Route& route, Call& call) {
  if (route.who == Who::anyone || route.who == Who::builder) {
    co_await notice_bearer(services, call);
    const bool known = route.who == Who::anyone || call.caller ||
                       has_builder_key(call.request, services.settings.builder_key);
    if (known) co_return;
    throw Error(ErrorCode::unauthenticated, "Authentication credentials were not provided.");
  }
  co_await find_bearer(services, required_token(call.request), call);
  if (!call.caller) throw Error(ErrorCode::unauthenticated, "Invalid token");
  if (!call.caller->is_active) throw Error(ErrorCode::unauthenticated, "User inactive or deleted");
}

void authorize(const Services& services, const Route& route, const Call& call) {
  if (route.who == Who::builder && !has_builder_key(call.request, services.settings.builder_key)) {
    throw forbidden();
  }
  if (route.who == Who::admin && !call.user().is_superuser) throw forbidden();
  if (!call.token || route.scope == Scope::none) return;
  check_scope(*call.token, route.scope);
  check_reach(*call.token, route, call);
}

}  // namespace deis::controller::api
