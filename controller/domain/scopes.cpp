#include "controller/domain/scopes.h"

#include "core/base/error.h"

#include <algorithm>
#include <array>

namespace deis::controller {
namespace {

struct Name {
  Scope scope;
  std::string_view text;
};
constexpr std::array kGiven{
    Name{Scope::read, "read"}, Name{Scope::deploy, "deploy"}, Name{Scope::admin, "admin"}};

}  // namespace

Scope parse_scope(std::string_view text) {
  const auto found = std::ranges::find(kGiven, text, &Name::text);
  if (found != kGiven.end()) return found->scope;
  throw Error(ErrorCode::invalid, "scopes", "A scope is one of read, deploy and admin.");
}

std::string_view name_of(Scope scope) {
  const auto found = std::ranges::find(kGiven, scope, &Name::scope);
  return found == kGiven.end() ? "" : found->text;
}

bool allows(const std::vector<std::string>& held, Scope needed) {
  if (needed == Scope::none) return true;
  if (needed == Scope::session) return false;
  return std::ranges::any_of(held, [&](const std::string& scope) { return parse_scope(scope) >= needed; });
}

}  // namespace deis::controller
