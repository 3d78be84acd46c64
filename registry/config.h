#pragma once
// docker-registry's configuration file. It is YAML, of which JSON is a part, so it is made by the JSON
// serialiser. Pure.

#include <cstdint>
#include <string>

namespace deis::registry {

struct Config {
  std::string storage;        // directory of the images
  std::string secret;         // signs the state of uploads; the same after a restart, so that they go on
  std::uint16_t port = 5000;  // on loopback only: every Engine may pull from there without certificates
};

std::string render(const Config& config);

}  // namespace deis::registry
