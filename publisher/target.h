#pragma once
// What to probe and publish of one container, worked out from its inspection: pure.

#include "core/base/names.h"
#include "core/docker/types.h"

#include <optional>
#include <string>

namespace deis::publisher {

struct HttpCheck {
  std::string path;                 // HEALTHCHECK_URL
  std::chrono::seconds timeout{1};  // HEALTHCHECK_TIMEOUT
};

struct Target {
  JobName job;
  std::string container;  // id
  std::string address;    // on the app network
  std::uint16_t port = 0;
  std::optional<HttpCheck> http;          // else: TCP accept
  std::chrono::seconds initial_delay{0};  // HEALTHCHECK_INITIAL_DELAY, once
  std::string problem;                    // not empty: it cannot be probed, and why
  int stop_signal = 0;                    // with which Docker asks it to end

  // /deis/services/<app>/<job>
  std::string key() const;
  std::string value(const std::string& host_id, std::string_view state, const std::string& detail) const;
};

// Whether Docker's event `kill` with this attribute `signal` is the start of a container's end; a SIGHUP that
// only reloads is not. An unknown signal is taken for the end.
bool ends_container(const std::string& signal, int stop_signal);

// nullopt: not a container that gets traffic (other type, one-off, labels not ours).
std::optional<Target> target_of(const docker::ContainerDetails& container, const std::string& network);

}  // namespace deis::publisher
