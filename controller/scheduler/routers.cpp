#include "controller/scheduler/routers.h"

#include "controller/scheduler/parallel.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/json/json.h"
#include "core/net/backoff.h"
#include "core/net/http_client.h"

#include <fmt/format.h>

#include <algorithm>

namespace deis::controller {
namespace {

constexpr auto kAskTime = std::chrono::seconds(5);
constexpr std::size_t kAskedAtOnce = 100;  // endpoints in one question: it is a request line
using Set = std::set<std::string>;

// The live routers that have not applied the revision; "" when all have.
std::string laggards(const ClusterView& view, etcd::Revision revision) {
  std::vector<std::string> behind;
  for (const auto& [id, router] : view.routers()) {
    if (router.revision < revision)
      behind.push_back(fmt::format("router {} has applied revision {} of {}", id, router.revision, revision));
  }
  return join(behind, "; ");
}

Task<Set> ask_busy(Executor executor, net::Endpoint admin, std::vector<std::string> endpoints) {
  net::HttpClient http(executor, admin);
  Set busy;
  for (std::size_t begin = 0; begin < endpoints.size(); begin += kAskedAtOnce) {
    std::vector<std::pair<std::string, std::string>> parameters;
    for (std::size_t i = begin; i < std::min(endpoints.size(), begin + kAskedAtOnce); ++i)
      parameters.emplace_back("endpoint", endpoints[i]);
    net::Request request;
    request.target = "/inflight" + net::build_query(parameters);
    const auto response = co_await http.send(std::move(request), in(kAskTime));
    if (response.status != 200)
      throw Error(ErrorCode::unavailable, fmt::format("the router answered {}", response.status));
    const auto counts = json::from<std::map<std::string, std::int64_t>>(json::parse(response.body));
    for (const auto& [endpoint, count] : counts) {
      if (count > 0) busy.insert(endpoint);
    }
  }
  co_return busy;
}

}  // namespace

Task<> wait_for_routers(Cluster& cluster, etcd::Revision revision) {
  const Deadline first = in(cluster.options.first_router_within);
  const Deadline deadline = in(cluster.options.routers_within);
  std::string last_behind;
  for (;;) {
    const bool any = !cluster.view.routers().empty();
    const std::string behind = laggards(cluster.view, revision);
    if (any && behind.empty()) co_return;
    if (any) last_behind = behind;
    const Deadline until = any ? deadline : first;
    const bool news = co_await cluster.view.changed().wait(until);
    if (news) continue;
    if (any) throw Error(ErrorCode::unavailable, behind);
    if (!cluster.view.routers().empty()) continue;
    if (!last_behind.empty())
      throw Error(ErrorCode::unavailable, "no router is announced any more; before, " + last_behind);
    if (routers_are_silent(cluster))
      cluster.log.warning("no router is announced: going on without", {{"revision", revision}});
    co_return;
  }
}

bool routers_are_silent(const Cluster& cluster) {
  return cluster.options.first_router_within.count() > 0 && cluster.view.routers().empty();
}

Task<> remove_route(Cluster& cluster, AppId app) {
  const auto revision = co_await cluster.routes.erase(app, in(cluster.options.etcd_call));
  try {
    co_await wait_for_routers(cluster, revision);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::canceled) throw;
    cluster.log.warning(
        "a router still has a route that is gone", {{"app", app.str()}, {"why", error.what()}});
  }
}

// A router that does not answer may be busy with anything, unless it is gone by the next look.
Task<Set> busy_endpoints(Cluster& cluster, std::vector<std::string> endpoints) {
  Set busy;
  if (endpoints.empty()) co_return busy;
  if (routers_are_silent(cluster)) co_return Set(endpoints.begin(), endpoints.end());
  const auto known = cluster.view.routers();
  const std::vector<std::pair<std::string, RouterHost>> routers(known.begin(), known.end());
  const auto ask = [&](std::size_t i) -> Task<> {
    const auto& [id, router] = routers[i];
    Set some;
    std::string trouble;
    try {
      some = co_await ask_busy(cluster.executor, router.admin, endpoints);
    } catch (const Error& error) {
      if (error.code() == ErrorCode::canceled) throw;
      trouble = error.what();
    }
    if (!trouble.empty()) {
      some.insert(endpoints.begin(), endpoints.end());
      cluster.log.debug("a router does not tell its requests in flight", {{"router", id}, {"why", trouble}});
    }
    busy.merge(some);
  };
  const auto failures = co_await for_each(routers.size(), cluster.options.parallel, ask);
  if (!failures.empty()) std::rethrow_exception(failures.front());
  co_return busy;
}

Task<bool> wait_until_idle(Cluster& cluster, std::vector<std::string> endpoints, Deadline deadline) {
  net::Backoff backoff(std::chrono::milliseconds(20), std::chrono::milliseconds(500));
  for (;;) {
    const auto busy = co_await busy_endpoints(cluster, endpoints);
    if (busy.empty()) co_return true;
    if (std::chrono::steady_clock::now() >= deadline) co_return false;
    const auto pause = backoff.next();
    co_await net::sleep_for(pause);
  }
}

}  // namespace deis::controller
