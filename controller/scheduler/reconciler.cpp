#include "controller/scheduler/reconciler.h"

#include "controller/scheduler/parallel.h"
#include "controller/scheduler/routers.h"
#include "core/base/error.h"
#include "core/net/backoff.h"

#include <algorithm>

namespace deis::controller {
namespace {

const WantedApp* find(const std::vector<WantedApp>& wanted, const AppId& app) {
  const auto found =
      std::find_if(wanted.begin(), wanted.end(), [&](const WantedApp& one) { return one.app == app; });
  return found == wanted.end() ? nullptr : &*found;
}

}  // namespace

Reconciler::Reconciler(
    ZeroDowntimeScheduler& scheduler,
    etcd::Client& etcd,
    ReadWanted read_wanted,
    TryLock try_lock,
    ReconcilerOptions options)
    : scheduler_(scheduler),
      cluster_(scheduler.cluster()),
      etcd_(etcd),
      read_wanted_(std::move(read_wanted)),
      try_lock_(std::move(try_lock)),
      options_(options),
      wake_(cluster_.executor) {}

Task<> Reconciler::run() {
  net::Backoff backoff(options_.again_after, options_.every);
  for (;;) {
    bool settled = false;
    try {
      settled = co_await pass();
    } catch (const Error& error) {
      if (error.code() == ErrorCode::canceled) throw;
      cluster_.log.warning("wanted and actual cannot be compared now", {{"why", error.what()}});
    }
    if (settled) backoff.reset();
    const auto pause = settled ? options_.every : backoff.next();
    co_await wake_.wait(in(pause));
  }
}

Task<bool> Reconciler::pass() {
  const std::optional<AppId> all;
  const Actual actual = co_await look(all);
  const auto wanted = co_await read_wanted_();

  const auto plans = plan_apps(wanted, actual);
  const Strangers now = find_strangers(wanted, actual);
  Strangers doomed = in_both(strangers_, now);
  strangers_ = now;

  const auto converge_one = [&](std::size_t i) -> Task<> { co_await converge(plans[i].app); };
  const auto failures = co_await for_each(plans.size(), options_.parallel, converge_one);
  for (const auto& failure : failures)
    cluster_.log.warning("an app cannot be made as it is wanted yet", {{"why", message_of(failure)}});
  co_await expel(std::move(doomed));
  bool all_destroyed = true;
  if (finish_destructions_) all_destroyed = co_await finish_destructions_();
  co_return plans.empty() && now.empty() && all_destroyed;
}

Task<Actual> Reconciler::look(std::optional<AppId> app) {
  Actual actual;
  actual.jobs = co_await cluster_.engine.status(app, in(cluster_.options.engine_call));
  actual.routes = co_await cluster_.routes.list(in(cluster_.options.etcd_call));
  actual.endpoints = co_await list_endpoints(etcd_, in(cluster_.options.etcd_call));
  actual.in_hand = scheduler_.retiring().jobs();
  actual.in_hand.insert(scheduler_.one_offs().begin(), scheduler_.one_offs().end());
  co_return actual;
}

Task<> Reconciler::converge(AppId app) {
  const auto lock = try_lock_(app);
  if (!lock) co_return;
  const std::optional<AppId> one = app;
  const Actual actual = co_await look(one);
  const auto wanted = co_await read_wanted_();
  const WantedApp* mine = find(wanted, app);
  if (!mine) co_return;
  co_await apply(plan_app(*mine, actual));
}

Task<> Reconciler::apply(AppPlan plan) {
  if (plan.empty()) co_return;
  cluster_.log.info(
      "making an app as it is wanted",
      {{"app", plan.app.str()}, {"create", plan.create.size()}, {"end", plan.retire.size()}});
  const auto create = [&](std::size_t i) -> Task<> {
    co_await cluster_.engine.create(plan.create[i], in(cluster_.options.engine_call));
  };
  const auto failures = co_await for_each(plan.create.size(), cluster_.options.parallel, create);
  if (plan.change_route) {
    const Deadline deadline = in(cluster_.options.etcd_call);
    co_await cluster_.routes.change_as_seen(plan.app, plan.route, plan.route_seen, deadline);
  }
  for (const auto& domain : plan.add_domains)
    co_await cluster_.routes.set_domain(domain, plan.app, in(cluster_.options.etcd_call));
  for (const auto& domain : plan.drop_domains)
    co_await cluster_.routes.drop_domain(domain, plan.app, in(cluster_.options.etcd_call));
  scheduler_.retiring().add(plan.app, plan.retire);
  if (!failures.empty()) std::rethrow_exception(failures.front());
}

// Routes and domains of an app that does not exist.
Task<> Reconciler::expel_app(AppId app) {
  const auto lock = try_lock_(app);
  if (!lock) co_return;
  const auto wanted = co_await read_wanted_();
  if (find(wanted, app)) co_return;  // created in this moment
  cluster_.log.info("removing the route of an app that does not exist", {{"app", app.str()}});
  co_await remove_route(cluster_, app);
}

Task<> Reconciler::expel(Strangers strangers) {
  const std::vector<JobName> jobs(strangers.jobs.begin(), strangers.jobs.end());
  std::vector<AppId> apps;
  for (const auto& app : strangers.apps) {
    try {
      apps.push_back(AppId::parse(app));
    } catch (const Error&) {  // not written by us
    }
  }
  // Routes first: nobody is sent to containers that end.
  const auto expel_one = [&](std::size_t i) -> Task<> { co_await expel_app(apps[i]); };
  const auto remove_one = [&](std::size_t i) -> Task<> {
    cluster_.log.info("removing a container that nobody wants", {{"job", jobs[i].str()}});
    co_await cluster_.engine.remove(jobs[i], in(cluster_.options.engine_call));
  };
  auto failures = co_await for_each(apps.size(), options_.parallel, expel_one);
  const auto more = co_await for_each(jobs.size(), options_.parallel, remove_one);
  failures.insert(failures.end(), more.begin(), more.end());
  for (const auto& failure : failures)
    cluster_.log.warning("what nobody wants cannot be removed yet", {{"why", message_of(failure)}});
}

}  // namespace deis::controller
