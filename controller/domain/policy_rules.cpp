#include "controller/domain/policy_rules.h"

#include "controller/domain/validation.h"
#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace deis::controller {
namespace {

constexpr std::size_t kMaximumNetworks = 500;
constexpr std::size_t kMaximumMessage = 1000;  // characters
constexpr auto kWhitelist = "DEIS_WHITELIST";

Error invalid(const std::string& field, const std::string& message) {
  return Error(ErrorCode::invalid, field, message);
}

// Only these answer requests; whether others live is known from their process.
constexpr std::array<std::string_view, 2> kProbed = {"web", "cmd"};

void check_probed(const std::string& type) {
  if (std::ranges::find(kProbed, type) != kProbed.end()) return;
  throw invalid(type, "Only web and cmd processes take requests: others have no health check.");
}

void set_text(
    HealthCheckSettings& settings,
    const std::string& type,
    const std::string& name,
    const std::string& value) {
  if (name == "type") {
    if (value != "tcp" && value != "http") throw invalid(type, "type must be tcp or http.");
    settings.type = value;
  } else {
    if (!component::is_health_check_path(value))
      throw invalid(type, "path must start with / and hold only printable ASCII characters, at most 1024.");
    settings.path = value;
  }
}

void set_number(
    HealthCheckSettings& settings,
    const std::string& type,
    const component::HealthCheckNumber& number,
    const std::string& value) {
  const auto parsed = parse_int(trim(value));
  if (!parsed || *parsed < number.least || *parsed > number.most) {
    throw invalid(
        type, fmt::format("{} must be an integer from {} to {}.", number.name, number.least, number.most));
  }
  settings.*number.member = *parsed;
}

void set_member(
    HealthCheckSettings& settings,
    const std::string& type,
    const std::string& name,
    const std::optional<std::string>& value) {
  if (name == "type" || name == "path") {
    if (value) return set_text(settings, type, name, *value);
    (name == "type" ? settings.type : settings.path).reset();
    return;
  }
  for (const auto& number : component::health_check_numbers()) {
    if (name != number.name) continue;
    if (value) return set_number(settings, type, number, *value);
    (settings.*number.member).reset();
    return;
  }
  throw invalid(type, fmt::format("'{}' is no setting of a health check.", name));
}

IpNetwork parse_labelled(std::string_view text) {
  try {
    return IpNetwork::parse_labelled(text);
  } catch (const Error&) {
    throw invalid(
        "values", fmt::format("{}: '{}' does not begin with an IP address or range.", kWhitelist, text));
  }
}

std::vector<IpNetwork> sorted(std::vector<IpNetwork> networks) {
  std::ranges::sort(networks);
  networks.erase(std::unique(networks.begin(), networks.end()), networks.end());
  return networks;
}

}  // namespace

HealthChecks merge(const HealthChecks& base, const TypePatch& patch) {
  Problems problems;
  HealthChecks merged = base;
  for (const auto& [type, members] : patch) {
    if (!members) {
      merged.erase(type);
      continue;
    }
    problems.collect(type, [&] { check_probed(type); });
    if (problems.has(type)) continue;
    HealthCheckSettings settings = merged[type];
    for (const auto& [name, value] : *members)
      problems.collect(type, [&] { set_member(settings, type, name, value); });
    if (settings == HealthCheckSettings()) {
      merged.erase(type);
    } else {
      merged[type] = settings;
    }
  }
  problems.throw_if_any();
  return merged;
}

std::map<std::string, HealthCheck> checks_in_force(const HealthChecks& chosen, const StringMap& config) {
  std::map<std::string, HealthCheck> checks;
  for (const auto type : kProbed) {
    const auto found = chosen.find(std::string(type));
    const auto check =
        component::health_check_of(found == chosen.end() ? HealthCheckSettings() : found->second, config);
    if (found != chosen.end() || check != HealthCheck()) checks.emplace(type, check);
  }
  return checks;
}

bool has_http_check(const HealthChecks& chosen, const StringMap& config) {
  const auto checks = checks_in_force(chosen, config);
  return std::ranges::any_of(checks, [](const auto& entry) { return entry.second.is_http; });
}

AppPolicy apply_routing(AppPolicy policy, const Patch& patch) {
  Problems problems;
  for (const auto& [name, value] : patch) {
    if (name == "balance") {
      policy.balance = value;
      const bool good = !value || component::is_balance(*value);
      if (!good) problems.add(name, "This must be round-robin or least-requests.");
    } else if (name == "drain_timeout") {
      policy.drain_timeout = value ? parse_int(trim(*value)) : std::nullopt;
      const auto seconds = policy.drain_timeout.value_or(0);
      const bool good =
          !value || (seconds >= component::kLeastDrainTimeout && seconds <= component::kMostDrainTimeout);
      if (!good) problems.add(name, "This must be a number of seconds from 1 to 3600.");
    } else {
      problems.add(name, "There are balance and drain_timeout.");
    }
  }
  problems.throw_if_any();
  return policy;
}

std::optional<std::string> change_maintenance(
    const std::optional<std::string>& current, const MaintenanceChange& change) {
  if (change.message) check_text("message", *change.message, kMaximumMessage, Lines::many);
  if (!change.enabled) return std::nullopt;
  return change.message ? *change.message : current.value_or("");
}

std::vector<IpNetwork> parse_allowlist(const std::vector<std::string>& addresses) {
  Problems problems;
  std::vector<IpNetwork> networks;
  for (const auto& address : addresses)
    problems.collect("addresses", [&] { networks.push_back(IpNetwork::parse(trim(address))); });
  networks = sorted(std::move(networks));
  if (networks.size() > kMaximumNetworks)
    problems.add(
        "addresses", fmt::format("Ensure this field has no more than {} elements.", kMaximumNetworks));
  problems.throw_if_any();
  return networks;
}

std::vector<IpNetwork> parse_whitelist(std::string_view text) {
  std::vector<IpNetwork> networks;
  if (trim(text).empty()) return networks;
  for (const auto part : split(text, ',')) {
    if (!trim(part).empty()) networks.push_back(parse_labelled(trim(part)));
  }
  if (networks.empty() || networks.size() > kMaximumNetworks) {
    throw invalid(
        "values", fmt::format("{} must hold 1 to {} addresses or ranges.", kWhitelist, kMaximumNetworks));
  }
  return sorted(std::move(networks));
}

std::vector<IpNetwork> config_allowlist(const StringMap& values) {
  const auto found = values.find(kWhitelist);
  if (found == values.end()) return {};
  try {
    return parse_whitelist(found->second);
  } catch (const Error&) {
    return std::vector<IpNetwork>(1, IpNetwork::parse("255.255.255.255"));  // no client has it
  }
}

std::vector<IpNetwork> allowlist_in_force(const AppPolicy& policy, const StringMap& values) {
  return policy.allowlist ? *policy.allowlist : config_allowlist(values);
}

std::map<std::string, Limits> limits_of(const Config& config) {
  std::map<std::string, Limits> limits;
  for (const auto& [type, memory] : config.memory) limits[type].memory = memory;
  for (const auto& [type, cpu] : config.cpu) limits[type].cpu = cpu;
  for (const auto& [type, pids] : config.pids) limits[type].pids = pids;
  return limits;
}

ConfigPatch limits_patch(const TypePatch& patch) {
  Problems problems;
  ConfigPatch config;
  const std::map<std::string, Patch*> maps{
      {"memory", &config.memory}, {"cpu", &config.cpu}, {"pids", &config.pids}};
  for (const auto& [type, limits] : patch) {
    if (!limits) {
      for (const auto& [name, map] : maps) map->emplace(type, std::nullopt);
      continue;
    }
    for (const auto& [name, value] : *limits) {
      const auto map = maps.find(name);
      if (map == maps.end()) {
        problems.add(type, fmt::format("'{}' is no limit: there are memory, cpu and pids.", name));
      } else {
        map->second->emplace(type, value);
      }
    }
  }
  problems.throw_if_any();
  return config;
}

}  // namespace deis::controller
