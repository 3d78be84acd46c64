#pragma once
// Rules of an app's policy: what may be set, and how a change is merged into what is set. Pure.

#include "controller/domain/config_rules.h"
#include "core/component/app_policy.h"

namespace deis::controller {

using component::AppPolicy;
using component::HealthCheck;
using component::HealthChecks;
using component::HealthCheckSettings;

// What a request wants to change, by process type: nullopt removes all that is set for the type.
using TypePatch = std::map<std::string, std::optional<Patch>>;

// `base` with `patch` merged in. Throws ValidationError that names every process type with something wrong.
HealthChecks merge(const HealthChecks& base, const TypePatch& patch);
// The checks in force, whole, of every type that has settings of its own or by the config.
std::map<std::string, HealthCheck> checks_in_force(const HealthChecks& chosen, const StringMap& config);

// Whether some process type has to answer a path.
bool has_http_check(const HealthChecks& chosen, const StringMap& config);

// `policy` with members of its routing changed: "balance", "drain_timeout"; nullopt takes one back. Throws
// ValidationError that names every member with something wrong.
AppPolicy apply_routing(AppPolicy policy, const Patch& patch);

struct MaintenanceChange {
  bool enabled = false;
  std::optional<std::string> message;  // nullopt: the one that is shown already, else none
};
std::optional<std::string> change_maintenance(
    const std::optional<std::string>& current, const MaintenanceChange& change);

// Throws ValidationError{"addresses"} that names every one that is none. Without duplicates, sorted.
std::vector<IpNetwork> parse_allowlist(const std::vector<std::string>& addresses);

// DEIS_WHITELIST: addresses and ranges, each perhaps with a label ("10.0.0.0/8:office"), separated by commas.
// Throws Error{invalid, "values"}. "" is everybody.
std::vector<IpNetwork> parse_whitelist(std::string_view text);
// That of a release's config. A text from before it was checked that cannot be read lets nobody in.
std::vector<IpNetwork> config_allowlist(const StringMap& values);
// The list in force.
std::vector<IpNetwork> allowlist_in_force(const AppPolicy& policy, const StringMap& values);

struct Limits {
  std::optional<std::string> memory;
  std::optional<int> cpu, pids;
};
std::map<std::string, Limits> limits_of(const Config& config);
// As a change of the config: nullopt for a type removes all its limits. Throws ValidationError.
ConfigPatch limits_patch(const TypePatch& patch);

}  // namespace deis::controller
