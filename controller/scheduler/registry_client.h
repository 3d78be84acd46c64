#pragma once
// Removes an app's images from the registry (Docker's HTTP API v2). The registry is found in etcd.

#include "core/base/log.h"
#include "core/etcd/client.h"

#include <string>

namespace deis::controller {

class RegistryClient {
 public:
  RegistryClient(Executor executor, etcd::Client& etcd, Log log)
      : executor_(executor), etcd_(etcd), log_(log) {}

  // Deletes every tagged manifest; afterwards the repository lists no tags. An unknown repository is fine.
  // Error{unavailable} when no registry is announced, or when it refuses.
  Task<> remove_repository(std::string repository, Deadline deadline);

 private:
  Executor executor_;
  etcd::Client& etcd_;
  Log log_;
};

}  // namespace deis::controller
