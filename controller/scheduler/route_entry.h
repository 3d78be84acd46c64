#pragma once
// The value of /deis/apps/<app>: the live release, the jobs that are taken out of service before they end,
// the app's policy, and members of others that are kept as they are. Pure.

#include "core/base/names.h"
#include "core/component/app_policy.h"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace deis::controller {

using component::AppPolicy;
using component::HealthChecks;

struct RouteEntry {
  std::int64_t release = 0;        // 0: there is no entry
  std::set<std::string> draining;  // job names
  AppPolicy policy;
  std::vector<IpNetwork> config_allowlist;  // DEIS_WHITELIST of the live release; empty: everybody
  bool operator==(const RouteEntry&) const = default;
};

struct RouteChange {
  std::optional<std::int64_t> release;
  std::set<std::string> drain, undrain;
  std::optional<AppPolicy> policy;
  std::optional<std::vector<IpNetwork>> config_allowlist;
};

// Throws Error{invalid}.
RouteEntry parse_route(std::string_view text);
// The changed text; equal to the old one when nothing changes. `before` "" is no entry.
std::string apply_change(std::string_view before, const RouteChange& change);

}  // namespace deis::controller
