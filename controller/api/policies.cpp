// Health checks, maintenance mode, allow-list and routing of an app: what needs no release. GET shows what is
// in force, with the config's part; POST changes what is named, null takes it back.

#include "controller/api/body.h"
#include "controller/api/handlers.h"
#include "controller/api/response.h"
#include "controller/api/type_body.h"
#include "controller/domain/services.h"
#include "core/base/text.h"
#include "core/json/json.h"

namespace deis::controller::api {
namespace {

constexpr std::size_t kMaximumAddresses = 10'000;  // looked at; how many may be stored is the rule's

json::object healthchecks_body(const Policies::InForce& now) {
  json::object body;
  for (const auto& [type, check] : checks_in_force(now.policy.healthchecks, now.config))
    body[type] = component::to_json(check);
  return body;
}

json::object maintenance_body(const AppPolicy& policy) {
  return {{"enabled", policy.maintenance.has_value()}, {"message", policy.maintenance.value_or("")}};
}

json::object allowlist_body(const Policies::InForce& now) {
  return {{"addresses", component::to_json(allowlist_in_force(now.policy, now.config))}};
}

json::object routing_body(const AppPolicy& policy) {
  return {
      {"balance", policy.balance.value_or(std::string(component::kRoundRobin))},
      {"drain_timeout", policy.drain_timeout.value_or(component::kDrainTimeout)}};
}

Patch read_routing(const json::object& body) {
  Problems problems;
  Patch patch;
  for (const auto& [name, value] : body) {
    auto text = scalar_text(value);
    if (!text && !value.is_null()) problems.add(name, "Not a valid string.");
    patch[name] = std::move(text);
  }
  problems.throw_if_any();
  return patch;
}

// true and false, and the same as text, for forms.
bool read_flag(const json::object& body, const std::string& name) {
  const auto* value = body.if_contains(name);
  if (!value) throw Error(ErrorCode::invalid, name, kRequired);
  const auto text = scalar_text(*value);
  if (text == "true") return true;
  if (text == "false") return false;
  throw Error(ErrorCode::invalid, name, "This field must be true or false.");
}

MaintenanceChange read_maintenance(const json::object& body) {
  MaintenanceChange change{.enabled = read_flag(body, "enabled")};
  const auto* message = body.if_contains("message");
  if (!message) return change;
  const auto text = scalar_text(*message);
  if (!text && !message->is_null()) throw Error(ErrorCode::invalid, "message", "Not a valid string.");
  change.message = text.value_or("");
  return change;
}

// nullopt: what the config says.
std::optional<std::vector<IpNetwork>> read_addresses(const json::object& body) {
  const auto* value = body.if_contains("addresses");
  if (!value) throw Error(ErrorCode::invalid, "addresses", kRequired);
  if (value->is_null()) return std::nullopt;
  const auto* list = value->if_array();
  if (!list || list->size() > kMaximumAddresses)
    throw Error(ErrorCode::invalid, "addresses", "This field must be a list of addresses and ranges.");
  std::vector<std::string> addresses;
  for (const auto& item : *list) {
    const auto* text = item.if_string();
    if (!text) throw Error(ErrorCode::invalid, "addresses", "Not a valid string.");
    addresses.emplace_back(*text);
  }
  return parse_allowlist(addresses);
}

}  // namespace

Task<net::Reply> show_healthchecks(Services& services, Call& call) {
  const Policies::InForce now = co_await services.policies.get(call.the_app());
  co_return ok(healthchecks_body(now));
}

Task<net::Reply> change_healthchecks(Services& services, Call& call) {
  TypePatch patch = read_type_patch(call.body);
  const Policies::InForce now =
      co_await services.policies.change_healthchecks(call.the_app(), call.user(), std::move(patch));
  co_return created(healthchecks_body(now));
}

Task<net::Reply> show_maintenance(Services& services, Call& call) {
  const AppPolicy policy = co_await services.policies.own(call.the_app());
  co_return ok(maintenance_body(policy));
}

Task<net::Reply> change_maintenance(Services& services, Call& call) {
  MaintenanceChange change = read_maintenance(call.body);
  const AppPolicy policy =
      co_await services.policies.change_maintenance(call.the_app(), call.user(), std::move(change));
  co_return created(maintenance_body(policy));
}

Task<net::Reply> show_routing(Services& services, Call& call) {
  const AppPolicy policy = co_await services.policies.own(call.the_app());
  co_return ok(routing_body(policy));
}

Task<net::Reply> change_routing(Services& services, Call& call) {
  Patch patch = read_routing(call.body);
  const AppPolicy policy =
      co_await services.policies.change_routing(call.the_app(), call.user(), std::move(patch));
  co_return created(routing_body(policy));
}

Task<net::Reply> show_allowlist(Services& services, Call& call) {
  const Policies::InForce now = co_await services.policies.get(call.the_app());
  co_return ok(allowlist_body(now));
}

Task<net::Reply> change_allowlist(Services& services, Call& call) {
  auto addresses = read_addresses(call.body);
  const Policies::InForce now =
      co_await services.policies.change_allowlist(call.the_app(), call.user(), std::move(addresses));
  co_return created(allowlist_body(now));
}

}  // namespace deis::controller::api
