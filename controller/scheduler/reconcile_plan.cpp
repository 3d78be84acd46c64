#include "controller/scheduler/reconcile_plan.h"

#include "controller/scheduler/health.h"

#include <algorithm>
#include <iterator>

namespace deis::controller {
namespace {

bool is_one_off(const JobName& job) {
  return job.type.str() == "run";
}

// The app's part of what is there, looked up by job.
struct AppView {
  std::map<JobName, const JobStatus*> jobs;
  RouteEntry route;  // release 0: none
  etcd::Revision route_seen = 0;
};

AppView view_of(const AppId& app, const Actual& actual) {
  AppView view;
  for (const auto& status : actual.jobs) {
    if (status.name.app == app && !is_one_off(status.name)) view.jobs[status.name] = &status;
  }
  const auto route = actual.routes.apps.find(app.str());
  if (route != actual.routes.apps.end()) view.route = route->second;
  const auto changed = actual.routes.changed.find(app.str());
  if (changed != actual.routes.changed.end()) view.route_seen = changed->second;
  return view;
}

bool is_healthy(const JobName& job, const AppView& view, const Actual& actual) {
  if (!view.jobs.contains(job)) return false;
  if (!is_routable(job.type)) return view.jobs.at(job)->state == JobState::up;
  const auto endpoint = actual.endpoints.find(job);
  return endpoint != actual.endpoints.end() && endpoint->second.is_up();
}

// Whether moving the route could end the service of somebody: then it waits for all new containers.
bool serves_now(const AppView& view, const Actual& actual) {
  return std::any_of(actual.endpoints.begin(), actual.endpoints.end(), [&](const auto& entry) {
    return entry.first.release == view.route.release && view.jobs.contains(entry.first) &&
           entry.second.is_up();
  });
}

// The allow-list of the config goes with the release that has it.
void plan_policy(AppPlan& plan, const WantedApp& wanted, const AppView& view) {
  if (view.route.policy != wanted.policy) plan.route.policy = wanted.policy;
  const bool serves_wanted = plan.route.release || view.route.release == wanted.release;
  if (serves_wanted && view.route.config_allowlist != wanted.config_allowlist)
    plan.route.config_allowlist = wanted.config_allowlist;
}

void plan_route(AppPlan& plan, const WantedApp& wanted, const AppView& view, const Actual& actual) {
  if (view.route.release != wanted.release) {
    const bool all_healthy = std::all_of(wanted.jobs.begin(), wanted.jobs.end(), [&](const JobSpec& job) {
      return is_healthy(job.name, view, actual);
    });
    if (all_healthy || view.route.release == 0 || !serves_now(view, actual)) {
      plan.route.release = wanted.release;
    } else {
      plan.waiting = true;
    }
  }
  // Marks of jobs that shall serve, and of jobs that are no more.
  const auto is_wanted = [&](const std::string& name) {
    const auto named = [&](const JobSpec& job) { return job.name.str() == name; };
    return std::any_of(wanted.jobs.begin(), wanted.jobs.end(), named) ||
           std::any_of(wanted.canary_jobs.begin(), wanted.canary_jobs.end(), named);
  };
  const auto exists = [&](const std::string& name) {
    const auto named = [&](const auto& entry) { return entry.first.str() == name; };
    return std::any_of(view.jobs.begin(), view.jobs.end(), named) ||
           std::any_of(actual.endpoints.begin(), actual.endpoints.end(), named);
  };
  const auto handled = [&](const std::string& name) {
    return std::any_of(
        actual.in_hand.begin(), actual.in_hand.end(), [&](const JobName& job) { return job.str() == name; });
  };
  for (const auto& name : view.route.draining) {
    if (!handled(name) && (is_wanted(name) || !exists(name))) plan.route.undrain.insert(name);
  }
  // None of its containers up is no reason to wait: then all requests go to the live release.
  if (view.route.canary != wanted.canary) plan.route.canary = wanted.canary;
  plan_policy(plan, wanted, view);
  plan.change_route = plan.route.release || plan.route.canary || !plan.route.undrain.empty() ||
                      plan.route.policy || plan.route.config_allowlist;
}

}  // namespace

AppPlan plan_app(const WantedApp& wanted, const Actual& actual) {
  AppPlan plan{.app = wanted.app};
  const AppView view = view_of(wanted.app, actual);
  std::set<JobName> names;
  for (const auto* jobs : {&wanted.jobs, &wanted.canary_jobs}) {
    for (const auto& job : *jobs) {
      names.insert(job.name);
      if (!view.jobs.contains(job.name) && !actual.in_hand.contains(job.name)) plan.create.push_back(job);
    }
  }
  plan_route(plan, wanted, view, actual);
  plan.route_seen = view.route_seen;
  const bool route_stays = view.route.release == wanted.release;
  for (const auto& [job, status] : view.jobs) {
    const bool replaced = job.release == wanted.release || route_stays || job.release != view.route.release;
    if (!names.contains(job) && !actual.in_hand.contains(job) && replaced) plan.retire.push_back(job);
  }
  for (const auto& domain : wanted.domains) {
    const auto known = actual.routes.domains.find(domain);
    if (known == actual.routes.domains.end() || known->second != wanted.app.str())
      plan.add_domains.push_back(domain);
  }
  const std::set<std::string> domains(wanted.domains.begin(), wanted.domains.end());
  for (const auto& [domain, app] : actual.routes.domains) {
    if (app == wanted.app.str() && !domains.contains(domain)) plan.drop_domains.push_back(domain);
  }
  return plan;
}

std::vector<AppPlan> plan_apps(const std::vector<WantedApp>& wanted, const Actual& actual) {
  std::vector<AppPlan> plans;
  for (const auto& app : wanted) {
    auto plan = plan_app(app, actual);
    if (!plan.empty() || plan.waiting) plans.push_back(std::move(plan));
  }
  return plans;
}

Strangers find_strangers(const std::vector<WantedApp>& wanted, const Actual& actual) {
  std::set<std::string> known;
  for (const auto& app : wanted) known.insert(app.app.str());
  Strangers strangers;
  for (const auto& status : actual.jobs) {
    const bool unwanted = is_one_off(status.name) || !known.contains(status.name.app.str());
    if (unwanted && !actual.in_hand.contains(status.name)) strangers.jobs.insert(status.name);
  }
  for (const auto& [app, unused] : actual.routes.apps) {
    if (!known.contains(app)) strangers.apps.insert(app);
  }
  for (const auto& [domain, app] : actual.routes.domains) {
    if (!app.empty() && !known.contains(app)) strangers.apps.insert(app);
  }
  return strangers;
}

Strangers in_both(const Strangers& before, const Strangers& now) {
  Strangers both;
  std::set_intersection(
      before.jobs.begin(),
      before.jobs.end(),
      now.jobs.begin(),
      now.jobs.end(),
      std::inserter(both.jobs, both.jobs.end()));
  std::set_intersection(
      before.apps.begin(),
      before.apps.end(),
      now.apps.begin(),
      now.apps.end(),
      std::inserter(both.apps, both.apps.end()));
  return both;
}

}  // namespace deis::controller
