#pragma once
// What an API token may do of what its user may (scopes). Pure.

#include <string>
#include <string_view>
#include <vector>

namespace deis::controller {

enum class Scope {
  none,     // asks for no user: public routes and the builder's
  read,     // GET
  deploy,   // what a pipeline does: builds, releases, config, scale, restart, run
  admin,    // everything else that the user may
  session,  // only with the session token that a login gives: making tokens, changing the password
};

// "read", "deploy" or "admin". Throws Error{invalid, "scopes"} for anything else.
Scope parse_scope(std::string_view text);
std::string_view name_of(Scope scope);

// Whether one of `held` reaches `needed`: admin includes deploy, deploy includes read; none reaches session.
bool allows(const std::vector<std::string>& held, Scope needed);

}  // namespace deis::controller
