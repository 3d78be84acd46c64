#pragma once
// Waiting for routers: that they apply a change, and that they are done with an endpoint. Only live routers
// count: one whose announcement is gone (its lease expired) is waited for no longer.

#include "controller/scheduler/cluster.h"

#include <string>
#include <vector>

namespace deis::controller {

// Returns when every live router has applied `revision`. Without any live router: when one comes and has, or
// after options.first_router_within with a warning. Error{unavailable} naming the router after
// options.routers_within.
Task<> wait_for_routers(Cluster& cluster, etcd::Revision revision);

// Takes the app's route and domains away. Returns when the routers have noticed, or with a warning when one
// does not.
Task<> remove_route(Cluster& cluster, AppId app);

// Returns true when no router has a request in flight to `endpoints`, false when options.drain_within has
// passed.
Task<bool> wait_until_idle(Cluster& cluster, std::vector<std::string> endpoints);

}  // namespace deis::controller
