#include "core/component/app_policy.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/json/json.h"

#include <algorithm>
#include <array>

namespace deis::component {
namespace {

constexpr std::array<HealthCheckNumber, 7> kNumbers{{
    {"startup_timeout", &HealthCheckSettings::startup_timeout, 1, 3600},
    {"interval", &HealthCheckSettings::interval, 1, 300},
    {"timeout", &HealthCheckSettings::timeout, 1, 60},
    {"failures", &HealthCheckSettings::failures, 1, 100},
    {"delay", &HealthCheckSettings::delay, 0, 3600},
    {"successes", &HealthCheckSettings::successes, 1, 100},
    {"settle_ms", &HealthCheckSettings::settle_ms, 0, 60'000},
}};
constexpr std::size_t kLongestPath = 1024;

struct WireMaintenance {
  std::string message;
};
BOOST_DESCRIBE_STRUCT(WireMaintenance, (), (message))

struct WirePolicy {
  HealthChecks healthchecks;
  std::optional<WireMaintenance> maintenance;
  std::optional<std::vector<std::string>> allowlist;
  std::optional<std::string> balance;
  std::optional<std::int64_t> drain_timeout;
};
BOOST_DESCRIBE_STRUCT(WirePolicy, (), (healthchecks, maintenance, allowlist, balance, drain_timeout))

using Environment = std::map<std::string, std::string>;

std::optional<std::int64_t> number_in(
    const Environment& environment, const std::string& name, std::int64_t least, std::int64_t most) {
  const auto found = environment.find(name);
  const auto number = found == environment.end() ? std::nullopt : parse_int(trim(found->second));
  if (!number || *number < least || *number > most) return std::nullopt;
  return number;
}

std::optional<std::string> path_in(const Environment& environment) {
  const auto found = environment.find("HEALTHCHECK_URL");
  if (found == environment.end() || found->second.empty()) return std::nullopt;
  std::string path = found->second;
  if (!path.starts_with('/')) path.insert(path.begin(), '/');
  return path;
}

json::object settings_json(const HealthCheckSettings& settings) {
  json::object object = json::to_value(settings).as_object();
  std::vector<std::string> absent;
  for (const auto& [name, value] : object) {
    if (value.is_null()) absent.emplace_back(name);
  }
  for (const auto& name : absent) object.erase(name);
  return object;
}

std::vector<IpNetwork> parse_networks(const std::vector<std::string>& texts) {
  std::vector<IpNetwork> networks;
  for (const auto& text : texts) networks.push_back(IpNetwork::parse(text));
  return networks;
}

void check_routing(const WirePolicy& wire) {
  if (wire.balance && !is_balance(*wire.balance))
    throw Error(ErrorCode::invalid, "balance is neither round-robin nor least-requests");
  const bool too_short = wire.drain_timeout && *wire.drain_timeout < kLeastDrainTimeout;
  const bool too_long = wire.drain_timeout && *wire.drain_timeout > kMostDrainTimeout;
  if (too_short || too_long) throw Error(ErrorCode::invalid, "drain_timeout is not 1 to 3600 seconds");
}

}  // namespace

std::span<const HealthCheckNumber> health_check_numbers() {
  return kNumbers;
}

bool is_health_check_path(std::string_view text) {
  const auto printable = [](char c) { return c > ' ' && c < '\x7f'; };
  return text.starts_with('/') && text.size() <= kLongestPath && std::ranges::all_of(text, printable);
}

bool is_balance(std::string_view text) {
  return text == kRoundRobin || text == kLeastRequests;
}

HealthCheck health_check_of(const HealthCheckSettings& settings, const Environment& environment) {
  using std::chrono::seconds;
  HealthCheck check;
  const auto path = settings.path ? settings.path : path_in(environment);
  check.is_http = settings.type ? *settings.type == "http" : path.has_value();
  if (check.is_http) check.path = path.value_or("/");
  const auto timeout =
      settings.timeout ? settings.timeout : number_in(environment, "HEALTHCHECK_TIMEOUT", 1, 3600);
  const auto delay =
      settings.delay ? settings.delay : number_in(environment, "HEALTHCHECK_INITIAL_DELAY", 0, 3600);
  if (timeout) check.timeout = seconds(*timeout);
  if (delay) check.delay = seconds(*delay);
  if (settings.startup_timeout) check.startup_timeout = seconds(*settings.startup_timeout);
  if (settings.interval) check.retry = check.interval = seconds(*settings.interval);
  if (settings.failures) check.failures = static_cast<int>(*settings.failures);
  if (settings.successes) check.successes = static_cast<int>(*settings.successes);
  if (settings.settle_ms) check.settle = std::chrono::milliseconds(*settings.settle_ms);
  return check;
}

std::chrono::milliseconds HealthCheck::proving_time() const {
  return (is_http ? std::chrono::milliseconds(0) : settle) + (successes - 1) * retry;
}

std::chrono::milliseconds HealthCheck::restart_after() const {
  return failures * interval;
}

json::object to_json(const HealthCheck& check) {
  json::object object{{"type", check.is_http ? "http" : "tcp"}};
  if (check.is_http) object["path"] = check.path;
  object["startup_timeout"] = check.startup_timeout.count();
  object["interval"] = check.interval.count();
  object["timeout"] = check.timeout.count();
  object["failures"] = check.failures;
  object["delay"] = check.delay.count();
  object["successes"] = check.successes;
  if (!check.is_http) object["settle_ms"] = check.settle.count();
  return object;
}

AppPolicy read_policy(const json::object& entry) {
  const auto wire = json::from<WirePolicy>(entry);
  AppPolicy policy{.healthchecks = wire.healthchecks};
  if (wire.maintenance) policy.maintenance = wire.maintenance->message;
  if (wire.allowlist) policy.allowlist = parse_networks(*wire.allowlist);
  check_routing(wire);
  policy.balance = wire.balance;
  policy.drain_timeout = wire.drain_timeout;
  return policy;
}

void write_policy(const AppPolicy& policy, json::object& entry) {
  for (const char* member : {"healthchecks", "maintenance", "allowlist", "balance", "drain_timeout"})
    entry.erase(member);
  json::object checks;
  for (const auto& [type, settings] : policy.healthchecks) checks[type] = settings_json(settings);
  if (!checks.empty()) entry["healthchecks"] = std::move(checks);
  if (policy.maintenance) entry["maintenance"] = json::to_value(WireMaintenance{*policy.maintenance});
  if (policy.allowlist) entry["allowlist"] = to_json(*policy.allowlist);
  if (policy.balance) entry["balance"] = *policy.balance;
  if (policy.drain_timeout) entry["drain_timeout"] = *policy.drain_timeout;
}

json::array to_json(const std::vector<IpNetwork>& networks) {
  json::array list;
  for (const auto& network : networks) list.emplace_back(network.str());
  return list;
}

std::vector<IpNetwork> read_networks(const json::value& list) {
  return parse_networks(json::from<std::vector<std::string>>(list));
}

}  // namespace deis::component
