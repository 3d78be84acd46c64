#pragma once
// What to do so that cluster and routes become what PostgreSQL wants. Pure: a plan is a value, and an empty
// plan means that they agree. Applying plans again and again leads there without ending anything that still
// serves: extra containers of another release end only after the route has left it, and it leaves only for
// containers that are healthy.

#include "controller/scheduler/cluster_view.h"
#include "controller/scheduler/engine.h"
#include "controller/scheduler/route_table.h"
#include "controller/scheduler/scheduler.h"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace deis::controller {

struct Actual {
  std::vector<JobStatus> jobs;  // one-off containers too
  Routes routes;
  std::map<JobName, PublishedEndpoint> endpoints;
  std::set<JobName> in_hand;  // being ended, or one-offs that somebody waits for: left alone
};

struct AppPlan {
  AppId app;
  std::vector<JobSpec> create;
  RouteChange route;
  etcd::Revision route_seen = 0;  // when the entry that `route` changes was written; 0: there is none
  bool change_route = false;
  std::vector<JobName> retire;
  std::vector<std::string> add_domains, drop_domains;
  bool waiting = false;  // for containers to become healthy before the route moves

  bool empty() const {
    return create.empty() && !change_route && retire.empty() && add_domains.empty() && drop_domains.empty();
  }
};

// What nobody knows: containers and routes of apps that are not wanted, and one-off containers nobody waits
// for.
struct Strangers {
  std::set<JobName> jobs;
  std::set<std::string> apps;  // with a route or a domain
  bool operator==(const Strangers&) const = default;
  bool empty() const { return jobs.empty() && apps.empty(); }
};

AppPlan plan_app(const WantedApp& wanted, const Actual& actual);
// Plans that are not empty, or wait.
std::vector<AppPlan> plan_apps(const std::vector<WantedApp>& wanted, const Actual& actual);

Strangers find_strangers(const std::vector<WantedApp>& wanted, const Actual& actual);
// Those to be removed now: seen in two complete looks, one after the other.
Strangers in_both(const Strangers& before, const Strangers& now);

}  // namespace deis::controller
