#pragma once
// What to probe and publish of one container, worked out from its inspection: pure.

#include "core/base/names.h"
#include "core/docker/types.h"

#include <chrono>
#include <map>
#include <optional>
#include <string>

namespace deis::publisher {

struct Target {
  JobName job;
  std::string container;  // id
  std::string service;    // id of the Swarm service that it is of; "": of none
  std::string address;    // on the app network
  std::uint16_t port = 0;
  std::map<std::string, std::string> environment;      // HEALTHCHECK_* of its release
  std::chrono::system_clock::time_point started_at{};  // now, when Docker does not say
  std::string problem;                                 // not empty: it cannot be probed, and why
  int stop_signal = 0;                                 // with which Docker asks it to end
  std::chrono::seconds stop_grace{30};                 // and how long it has then; the platform's (§6)

  // /deis/services/<app>/<job>
  std::string key() const;
  struct Verdict {
    std::string_view state;
    std::string detail;
    int attempts = 0;                   // see ProbeState
    std::optional<std::string> passed;  // path of the check that it passed last; "" for a connection
    bool operator==(const Verdict&) const = default;
  };
  std::string value(const std::string& host_id, const Verdict& verdict) const;
};

// Whether Docker's event `kill` with this attribute `signal` is the start of a container's end; a SIGHUP that
// only reloads is not. An unknown signal is taken for the end.
bool ends_container(const std::string& signal, int stop_signal);

// Only these answer requests.
bool gets_traffic(const JobName& job);

// nullopt: not a container that gets traffic (other type, one-off, labels not ours).
std::optional<Target> target_of(
    const docker::ContainerDetails& container, const std::string& role, const std::string& network);

}  // namespace deis::publisher
