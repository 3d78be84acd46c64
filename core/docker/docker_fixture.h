#pragma once
// For component tests with a real Engine: an image of a static busybox, so that no test needs a registry.

#include "core/docker/client.h"

namespace deis::docker {

constexpr auto kTestSocket = "/var/run/docker.sock";

// Builds it from this machine's /bin/busybox unless it is there. Returns what the build said.
Task<std::string> build_busybox(Client& docker, std::string tag);

}  // namespace deis::docker
