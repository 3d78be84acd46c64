#pragma once
// A component as a Swarm service (ARCHITECTURE.md §2), as a value: what will run can be printed and tested.

#include "core/docker/types.h"
#include "core/net/stream.h"
#include "ctl/component.h"

#include <filesystem>
#include <string>

namespace deis::ctl {

struct SpecOptions {
  std::string image;
  net::Endpoint etcd = net::Endpoint::tcp("127.0.0.1", 2379);
  std::filesystem::path data_root = "/var/lib/deis";  // on the machine
  std::filesystem::path docker_socket = "/var/run/docker.sock";
  std::string log_level = "info";
  int replicas = 1;
};

inline constexpr const char* kComponentLabel = "deis.component";
// On the service: a hash of the specification it was made from, so that an unchanged one is left alone.
inline constexpr const char* kSpecLabel = "deis.spec";
inline constexpr const char* kDataRootLabel = "deis.data-root";

docker::ServiceSpec service_spec(const Component& component, const SpecOptions& options);

// One fact per line; equal text means equal services, whatever the number of replicas.
std::string describe(const docker::ServiceSpec& spec);

}  // namespace deis::ctl
