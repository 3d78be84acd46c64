#pragma once
// The value of /deis/apps/<app>: the live release, the canary beside it, the jobs that are taken out of
// service before they end, the app's policy, and members of others that are kept as they are. Pure.

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

// A part of an app's requests goes to another release than the live one.
struct Canary {
  std::int64_t release = 0;  // 0: there is no canary
  int weight = 0;            // per cent of the requests
  bool operator==(const Canary&) const = default;
};
inline constexpr int kLeastWeight = 1, kMostWeight = 99;

struct RouteEntry {
  std::int64_t release = 0;  // 0: there is no entry
  Canary canary;
  std::set<std::string> draining;  // job names
  AppPolicy policy;
  std::vector<IpNetwork> config_allowlist;  // DEIS_WHITELIST of the live release; empty: everybody
  bool operator==(const RouteEntry&) const = default;

  // Whether routers send to containers of this release.
  bool serves(std::int64_t number) const { return number == release || number == canary.release; }
};

struct RouteChange {
  std::optional<std::int64_t> release;
  std::optional<Canary> canary;  // release 0 ends it
  std::set<std::string> drain, undrain;
  std::optional<AppPolicy> policy;
  std::optional<std::vector<IpNetwork>> config_allowlist;
};

// Throws Error{invalid}.
RouteEntry parse_route(std::string_view text);
// The changed text; equal to the old one when nothing changes. `before` "" is no entry.
std::string apply_change(std::string_view before, const RouteChange& change);

}  // namespace deis::controller
