#pragma once
// What every router of the platform shall answer under /.well-known/acme-challenge/ (ARCHITECTURE.md §7):
// keys in etcd under a lease, so that nothing is left of an order whose controller died.

#include "core/etcd/client.h"

#include <functional>
#include <string>

namespace deis::controller::acme {

// Returns when every live router has applied the revision.
using WaitForRouters = std::function<Task<>(etcd::Revision)>;

class Challenges {
 public:
  Challenges(etcd::Client& etcd, WaitForRouters wait) : etcd_(etcd), wait_(std::move(wait)) {}

  // For one order: what it publishes ends with it.
  Task<etcd::LeaseId> open();
  // Returns when every router answers http://<host>/.well-known/acme-challenge/<token> with `answer`.
  Task<> publish(etcd::LeaseId order, std::string host, std::string token, std::string answer);
  Task<> close(etcd::LeaseId order);

 private:
  etcd::Client& etcd_;
  WaitForRouters wait_;
};

}  // namespace deis::controller::acme
