#pragma once
// What the people of an app decided about its traffic, beside releases: how its containers are probed,
// whether it is being maintained, who may see it, and how routers treat it. Members of the etcd key
// /deis/apps/<app> (ARCHITECTURE.md §7): the controller writes them, publisher and router obey.

#include "core/base/ip_network.h"

#include <boost/describe.hpp>
#include <boost/json/fwd.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace deis::component {

// What was chosen for one process type; what was not comes from the app's config, else from HealthCheck.
struct HealthCheckSettings {
  std::optional<std::string> type;  // "tcp", "http"
  std::optional<std::string> path;
  std::optional<std::int64_t> startup_timeout, interval, timeout, failures, delay, successes,
      settle_ms;  // seconds, a number, or as the name says
  bool operator==(const HealthCheckSettings&) const = default;
};
BOOST_DESCRIBE_STRUCT(
    HealthCheckSettings,
    (),
    (type, path, startup_timeout, interval, timeout, failures, delay, successes, settle_ms))

using HealthChecks = std::map<std::string, HealthCheckSettings>;  // by process type

// The members of HealthCheckSettings that are numbers, and what they may be.
struct HealthCheckNumber {
  const char* name;
  std::optional<std::int64_t> HealthCheckSettings::* member;
  std::int64_t least, most;
};
std::span<const HealthCheckNumber> health_check_numbers();

// The path of an HTTP check goes into a request line: '/' and printable ASCII without blanks.
bool is_health_check_path(std::string_view text);

// A complete check. A container is starting until it passes `successes` times in a row; then it is up until
// it misses `failures` times in a row, and up again as it came up first. One that has been up and fails for
// restart_after() is restarted.
struct HealthCheck {
  bool is_http = false;                      // GET `path` answers 200; else the port accepts a connection
  std::string path;                          // "" unless is_http
  std::chrono::seconds delay{0};             // from the start of the container to its first probe
  std::chrono::seconds startup_timeout{60};  // from there to the first success
  std::chrono::seconds interval{3};          // between probes while it is up
  std::chrono::milliseconds retry{500};      // after a miss: the interval when one was chosen
  std::chrono::seconds timeout{1};           // of one probe
  int failures = 3;
  int successes = 1;
  // An open port must still be open so much later before that counts as a success: a server that dies just
  // after it began to listen does not come up.
  std::chrono::milliseconds settle{100};
  std::chrono::milliseconds proving_time() const;   // from the first success until it is up, but for timeouts
  std::chrono::milliseconds restart_after() const;  // from the first miss
  bool operator==(const HealthCheck&) const = default;
};

// `environment`: HEALTHCHECK_URL, HEALTHCHECK_TIMEOUT and HEALTHCHECK_INITIAL_DELAY of the container's own
// release stand in for what was not chosen; values of them that make no sense count as absent.
HealthCheck health_check_of(
    const HealthCheckSettings& settings, const std::map<std::string, std::string>& environment);
// All members, for people: {"type":"http","path":"/up","startup_timeout":60,...}.
boost::json::object to_json(const HealthCheck& check);

// How a router chooses between the endpoints of an app.
inline constexpr std::string_view kRoundRobin = "round-robin", kLeastRequests = "least-requests";
bool is_balance(std::string_view text);

// How long the requests of a container that shall end may take.
inline constexpr std::int64_t kDrainTimeout = 30, kLeastDrainTimeout = 1, kMostDrainTimeout = 3600;

struct AppPolicy {
  HealthChecks healthchecks;
  std::optional<std::string> maintenance;           // the message; nullopt: off
  std::optional<std::vector<IpNetwork>> allowlist;  // nullopt: what the config says; empty: everybody
  std::optional<std::string> balance;               // nullopt: kRoundRobin
  std::optional<std::int64_t> drain_timeout;        // seconds; nullopt: kDrainTimeout
  bool operator==(const AppPolicy&) const = default;
};

// Reads the members of `entry` that are policy. Throws Error{invalid}.
AppPolicy read_policy(const boost::json::object& entry);
// Sets them, and erases those that say nothing.
void write_policy(const AppPolicy& policy, boost::json::object& entry);

boost::json::array to_json(const std::vector<IpNetwork>& networks);
// Throws Error{invalid} when it is not a list of addresses and ranges.
std::vector<IpNetwork> read_networks(const boost::json::value& list);

}  // namespace deis::component
