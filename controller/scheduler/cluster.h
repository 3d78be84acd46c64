#pragma once
// What the parts of the scheduler work on, and their limits. The referred objects outlive all parts.

#include "controller/scheduler/background.h"
#include "controller/scheduler/cluster_view.h"
#include "controller/scheduler/engine.h"
#include "controller/scheduler/route_table.h"

#include <chrono>

namespace deis::controller {

struct SchedulerOptions {
  using Time = std::chrono::milliseconds;
  Time healthy_within = std::chrono::seconds(60);  // from start; HEALTHCHECK_INITIAL_DELAY comes on top
  Time steady_after = std::chrono::seconds(1);     // other types than web and cmd have run for this long
  Time look_every{300};                            // at the engine, while something starts
  int failures_allowed = 1;  // a container that ended more often by itself fails its release
  Time routers_within = std::chrono::seconds(10);      // until every live router has applied a change
  Time first_router_within = std::chrono::seconds(3);  // when none is live (0: none is expected)
  // Requests in flight to a container that shall end, of an app that chose nothing else.
  Time drain_within = std::chrono::seconds(component::kDrainTimeout);
  Time gone_within = std::chrono::seconds(60);       // from SIGTERM until its endpoint is gone
  Time destroyed_within = std::chrono::seconds(15);  // until the containers of a destroyed app are gone
  Time ends_within = std::chrono::seconds(5);        // a scaling waits so long to tell that ending fails
  Time engine_call = std::chrono::seconds(30);
  Time etcd_call = std::chrono::seconds(10);
  Time run_within = std::chrono::minutes(20);
  Time attached_start_within = std::chrono::minutes(10);  // the image may have to be pulled
  std::size_t parallel = 8;                               // engine calls at the same time
};

// How long requests in flight to a container of this app may take when it shall end.
inline std::chrono::milliseconds drain_time(const SchedulerOptions& options, const AppPolicy& policy) {
  if (!policy.drain_timeout) return options.drain_within;
  return std::chrono::seconds(*policy.drain_timeout);
}

struct Cluster {
  Executor executor;
  Engine& engine;
  RouteTable& routes;
  ClusterView& view;
  Background& background;
  SchedulerOptions options;
  Log log;
};

}  // namespace deis::controller
