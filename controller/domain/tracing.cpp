#include "controller/domain/tracing.h"

#include "controller/domain/validation.h"
#include "controller/storage/apps.h"
#include "controller/storage/domains.h"
#include "core/base/text.h"

#include <algorithm>

namespace deis::controller {
namespace {

constexpr std::size_t kMaximumHost = 253;

std::optional<AppId> first_label(const std::string& host) {
  try {
    return AppId::parse(host.substr(0, host.find('.')));
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace

std::string lookup_name(std::string_view host) {
  if (const auto port = host.find(':'); port != std::string_view::npos) host = host.substr(0, port);
  if (host.ends_with('.')) host.remove_suffix(1);
  const auto printable = [](char c) { return c > ' ' && c < '\x7f' && c != '/'; };
  if (host.empty() || host.size() > kMaximumHost || !std::ranges::all_of(host, printable))
    throw Error(ErrorCode::invalid, "host", "This must be the name of a host, like www.example.com.");
  return to_lower(host);
}

Task<HostTrace> Tracing::trace(User user, std::string host, std::vector<std::string> only) {
  const std::string name = lookup_name(host);
  auto db = context_.database.session(query_deadline());
  const auto owner = co_await storage::find_domain_app(db, name);
  const auto id = owner ? std::optional(AppId::parse(*owner)) : first_label(name);
  if (!id) throw not_found();
  if (!only.empty() && std::ranges::find(only, id->str()) == only.end()) throw not_found();
  const auto access = co_await storage::find_app_for(db, id->str(), user.username.str());
  if (!access) throw not_found();
  const bool sees = user.is_superuser || access->is_collaborator || access->app.owner == user.username.str();
  if (!sees) throw not_found();
  RouteTracer tracer(co_await asio::this_coro::executor, context_.etcd);
  RouteTrace route = co_await tracer.trace(*id, name);
  co_return HostTrace{.host = name, .own_domain = owner.has_value(), .route = std::move(route)};
}

}  // namespace deis::controller
