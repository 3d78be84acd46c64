#pragma once
// Waiting for routers: that they apply a change, and that they are done with an endpoint. Only live routers
// count: one whose announcement is gone (its lease expired) is waited for no longer.

#include "controller/scheduler/cluster.h"

#include <set>
#include <string>
#include <vector>

namespace deis::controller {

// Returns when every live router has applied `revision`. Without any live router: when one comes and has, or
// after options.first_router_within with a warning. Error{unavailable} naming every router that is behind
// after options.routers_within, or when the last live one went without having applied it: its nginx may still
// serve by what was before.
Task<> wait_for_routers(Cluster& cluster, etcd::Revision revision);

// Whether nothing can be known of requests in flight: routers are expected, and none is live. That one says
// nothing in etcd does not mean that its nginx does not serve.
bool routers_are_silent(const Cluster& cluster);

// Takes the app's route and domains away. Returns when the routers have noticed, or with a warning when one
// does not.
Task<> remove_route(Cluster& cluster, AppId app);

// Those of `endpoints` that some live router has requests in flight to. A router that does not tell may have
// some to each of them; so may any while routers_are_silent().
Task<std::set<std::string>> busy_endpoints(Cluster& cluster, std::vector<std::string> endpoints);

// Returns true when no router has a request in flight to `endpoints`, false at the deadline.
Task<bool> wait_until_idle(Cluster& cluster, std::vector<std::string> endpoints, Deadline deadline);

}  // namespace deis::controller
