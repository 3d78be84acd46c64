#include "controller/scheduler/retire_queue.h"

#include "controller/scheduler/parallel.h"
#include "controller/scheduler/routers.h"
#include "core/base/error.h"
#include "core/net/backoff.h"

#include <algorithm>

namespace deis::controller {
namespace {

std::set<std::string> names(const std::set<JobName>& jobs) {
  std::set<std::string> names;
  for (const auto& job : jobs) names.insert(job.str());
  return names;
}

}  // namespace

void RetireQueue::add(const AppId& app, std::vector<JobName> jobs, OnPhase on_phase) {
  const auto known = this->jobs();
  auto batch = std::make_shared<Batch>(Batch{.app = app, .on_phase = std::move(on_phase)});
  for (auto& job : jobs) {
    if (!known.contains(job)) batch->jobs.insert(std::move(job));
  }
  if (batch->jobs.empty()) tell(batch->on_phase, Phase::retired, "");
  if (batch->jobs.empty() || cluster_.background.closed()) return;
  batches_.push_back(batch);
  cluster_.background.spawn(work_off(batch));
}

std::set<JobName> RetireQueue::jobs() const {
  std::set<JobName> all;
  for (const auto& batch : batches_) all.insert(batch->jobs.begin(), batch->jobs.end());
  return all;
}

Task<> RetireQueue::reclaim(std::vector<JobName> jobs, Deadline deadline) {
  for (const auto& batch : batches_) {
    for (const auto& job : jobs) {
      if (!batch->ending.contains(job)) batch->jobs.erase(job);
    }
  }
  const bool done = co_await wait_until_done(jobs, deadline);
  if (!done) throw Error(ErrorCode::conflict, "containers of the same names are still ending: try again");
}

Task<bool> RetireQueue::wait_until_done(std::vector<JobName> jobs, Deadline deadline) {
  const auto pending = [&] {
    const auto queued = this->jobs();
    return std::any_of(jobs.begin(), jobs.end(), [&](const JobName& job) { return queued.contains(job); });
  };
  while (pending()) {
    const bool news = co_await cluster_.view.changed().wait(deadline);
    if (!news) co_return !pending();
  }
  co_return true;
}

Task<RetireQueue::Failed> RetireQueue::give_back_failed(
    AppId app, std::vector<JobName> jobs, Deadline deadline) {
  const auto waits_for = [&](const std::shared_ptr<Batch>& batch) {
    const auto holds = [&](const JobName& job) { return batch->jobs.contains(job); };
    return !batch->tried && std::any_of(jobs.begin(), jobs.end(), holds);
  };
  while (std::any_of(batches_.begin(), batches_.end(), waits_for)) {
    const bool news = co_await cluster_.view.changed().wait(deadline);
    if (!news) break;
  }
  Failed failed;
  for (const auto& batch : batches_) {
    for (const auto& job : jobs) {
      const auto why = batch->failed.find(job);
      if (why == batch->failed.end() || batch->jobs.erase(job) == 0) continue;
      failed.jobs.push_back(job);
      failed.reason = why->second;
    }
  }
  if (failed.jobs.empty()) co_return failed;
  RouteChange back;
  for (const auto& job : failed.jobs) back.undrain.insert(job.str());
  co_await cluster_.routes.change(app, std::move(back), in(cluster_.options.etcd_call));
  co_return failed;
}

void RetireQueue::forget(const AppId& app) {
  for (const auto& batch : batches_) {
    if (batch->app == app) batch->jobs.clear();
  }
}

void RetireQueue::forget_all() {
  for (const auto& batch : batches_) batch->jobs.clear();
}

Task<> RetireQueue::work_off(std::shared_ptr<Batch> batch) {
  net::Backoff backoff(std::chrono::milliseconds(200), std::chrono::seconds(15));
  while (!batch->jobs.empty()) {
    std::string trouble;
    try {
      co_await retire(batch);
      break;
    } catch (const Error& error) {
      if (error.code() == ErrorCode::canceled) throw;
      trouble = error.what();
    }
    cluster_.log.warning("containers cannot be ended yet", {{"app", batch->app.str()}, {"why", trouble}});
    const auto pause = backoff.next();
    co_await net::sleep_for(pause);
  }
  batches_.remove(batch);
  tell(batch->on_phase, Phase::retired, "");
  cluster_.view.changed().notify();
}

Task<> RetireQueue::retire(std::shared_ptr<Batch> batch) {
  if (!batch->drained_by) co_await take_out_of_service(batch);
  std::vector<JobName> again;
  for (const auto& [job, why] : batch->failed) {
    if (batch->jobs.contains(job)) again.push_back(job);
  }
  batch->failed.clear();
  co_await remove(batch, std::move(again));
  co_await end_as_they_drain(batch);
  batch->tried = true;
  cluster_.view.changed().notify();
  if (!batch->failed.empty()) throw Error(ErrorCode::unavailable, batch->failed.begin()->second);
  co_await take_marks_away(batch);
}

Task<> RetireQueue::take_out_of_service(std::shared_ptr<Batch> batch) {
  for (const auto& job : batch->jobs) {
    if (const auto* endpoint = cluster_.view.endpoint(job)) batch->endpoints[job] = endpoint->address;
  }
  const auto route = co_await cluster_.routes.get(batch->app, in(cluster_.options.etcd_call));
  RouteChange drain;
  for (const auto& job : batch->jobs) {
    if (route && route->serves(job.release)) drain.drain.insert(job.str());  // others get no requests
  }
  const auto revision =
      co_await cluster_.routes.change(batch->app, std::move(drain), in(cluster_.options.etcd_call));
  co_await wait_for_routers(cluster_, revision);
  if (routers_are_silent(cluster_))
    throw Error(ErrorCode::unavailable, "no router is announced: whether one still sends to them is unknown");
  batch->drained_by = in(drain_time(cluster_.options, route ? route->policy : AppPolicy()));
}

// One with long requests does not hold up the others.
Task<> RetireQueue::end_as_they_drain(std::shared_ptr<Batch> batch) {
  net::Backoff backoff(std::chrono::milliseconds(20), std::chrono::milliseconds(500));
  const auto waiting = [&] {
    const auto ends = [&](const JobName& job) { return batch->ending.contains(job); };
    return !std::ranges::all_of(batch->jobs, ends);
  };
  while (waiting()) {
    auto idle = co_await drained(batch);
    if (idle.empty()) {
      const auto pause = backoff.next();
      co_await net::sleep_for(pause);
      continue;
    }
    batch->ending.insert(idle.begin(), idle.end());
    if (!waiting()) tell(batch->on_phase, Phase::drained, short_names(batch->jobs));
    co_await remove(batch, std::move(idle));
  }
}

// Those that may be removed now.
Task<std::vector<JobName>> RetireQueue::drained(std::shared_ptr<Batch> batch) {
  const bool time_is_over = std::chrono::steady_clock::now() >= *batch->drained_by;
  std::vector<std::string> endpoints;
  for (const auto& [job, endpoint] : batch->endpoints) {
    if (batch->jobs.contains(job) && !batch->ending.contains(job)) endpoints.push_back(endpoint);
  }
  const auto busy = co_await busy_endpoints(cluster_, std::move(endpoints));
  std::vector<JobName> drained;
  for (const auto& job : batch->jobs) {  // without those that were reclaimed in the meantime
    if (batch->ending.contains(job)) continue;
    const auto endpoint = batch->endpoints.find(job);
    const bool is_busy = endpoint != batch->endpoints.end() && busy.contains(endpoint->second);
    if (is_busy && !time_is_over) continue;
    if (is_busy) cluster_.log.warning("requests are cut off: they took too long", {{"job", job.str()}});
    drained.push_back(job);
  }
  co_return drained;
}

Task<> RetireQueue::remove(std::shared_ptr<Batch> batch, std::vector<JobName> jobs) {
  const auto remove_one = [&](std::size_t i) -> Task<> {
    try {
      co_await cluster_.engine.remove(jobs[i], in(cluster_.options.engine_call));
    } catch (const Error& error) {
      if (error.code() == ErrorCode::canceled) throw;
      batch->failed.emplace(jobs[i], error.what());
    }
  };
  const auto failures = co_await for_each(jobs.size(), cluster_.options.parallel, remove_one);
  if (!failures.empty()) std::rethrow_exception(failures.front());
}

// Only when the endpoint is gone: without the mark routers would send to a container that is ending.
Task<> RetireQueue::take_marks_away(std::shared_ptr<Batch> batch) {
  const auto route = co_await cluster_.routes.get(batch->app, in(cluster_.options.etcd_call));
  const auto ours = names(batch->jobs);
  const auto marked = [&](const std::string& job) { return route && route->draining.contains(job); };
  if (std::none_of(ours.begin(), ours.end(), marked)) co_return;

  const auto published = [&] {
    return std::any_of(batch->jobs.begin(), batch->jobs.end(), [&](const JobName& job) {
      return cluster_.view.endpoint(job) != nullptr;
    });
  };
  const Deadline deadline = in(cluster_.options.gone_within);
  while (published()) {
    const bool news = co_await cluster_.view.changed().wait(deadline);
    if (!news) throw Error(ErrorCode::timeout, "endpoints of ended containers are still published");
  }
  RouteChange undrain{.undrain = ours};
  co_await cluster_.routes.change(batch->app, std::move(undrain), in(cluster_.options.etcd_call));
}

}  // namespace deis::controller
