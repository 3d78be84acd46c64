#include "controller/scheduler/routers.h"

#include "core/base/error.h"
#include "core/json/json.h"
#include "core/net/backoff.h"
#include "core/net/http_client.h"

#include <fmt/format.h>

namespace deis::controller {
namespace {

constexpr auto kAskTime = std::chrono::seconds(5);

// A live router that has not applied the revision; "" when all have.
std::string laggard(const ClusterView& view, etcd::Revision revision) {
  for (const auto& [id, router] : view.routers()) {
    if (router.revision < revision)
      return fmt::format("router {} has applied revision {} of {}", id, router.revision, revision);
  }
  return "";
}

Task<std::int64_t> requests_in_flight(Cluster& cluster, net::Endpoint admin, std::string query) {
  net::HttpClient http(cluster.executor, admin);
  net::Request request;
  request.target = "/inflight" + query;
  const auto response = co_await http.send(std::move(request), in(kAskTime));
  if (response.status != 200)
    throw Error(ErrorCode::unavailable, fmt::format("the router answered {}", response.status));
  std::int64_t total = 0;
  const auto counts = json::from<std::map<std::string, std::int64_t>>(json::parse(response.body));
  for (const auto& [endpoint, count] : counts) total += count;
  co_return total;
}

// A router that does not answer may be busy with anything: not idle, unless it is gone by the next look.
Task<bool> all_idle(Cluster& cluster, std::string query) {
  const auto routers = cluster.view.routers();
  for (const auto& [id, router] : routers) {
    bool idle = false;
    try {
      const auto count = co_await requests_in_flight(cluster, router.admin, query);
      idle = count == 0;
    } catch (const Error& error) {
      if (error.code() == ErrorCode::canceled) throw;
      cluster.log.debug(
          "a router does not tell its requests in flight", {{"router", id}, {"why", error.what()}});
    }
    if (!idle) co_return false;
  }
  co_return true;
}

}  // namespace

Task<> wait_for_routers(Cluster& cluster, etcd::Revision revision) {
  const Deadline first = in(cluster.options.first_router_within);
  const Deadline deadline = in(cluster.options.routers_within);
  for (;;) {
    const bool any = !cluster.view.routers().empty();
    const std::string behind = laggard(cluster.view, revision);
    if (any && behind.empty()) co_return;
    const Deadline until = any ? deadline : first;
    const bool news = co_await cluster.view.changed().wait(until);
    if (news) continue;
    if (any) throw Error(ErrorCode::unavailable, behind);
    if (!cluster.view.routers().empty()) continue;
    const bool expected = cluster.options.first_router_within.count() > 0;
    if (expected) cluster.log.warning("no router is announced: going on without", {{"revision", revision}});
    co_return;
  }
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

Task<bool> wait_until_idle(Cluster& cluster, std::vector<std::string> endpoints) {
  if (endpoints.empty()) co_return true;
  std::vector<std::pair<std::string, std::string>> parameters;
  for (auto& endpoint : endpoints) parameters.emplace_back("endpoint", endpoint);
  const std::string query = net::build_query(parameters);
  const Deadline deadline = in(cluster.options.drain_within);
  net::Backoff backoff(std::chrono::milliseconds(20), std::chrono::milliseconds(500));
  for (;;) {
    const bool idle = co_await all_idle(cluster, query);
    if (idle) co_return true;
    if (std::chrono::steady_clock::now() >= deadline) co_return false;
    const auto pause = backoff.next();
    co_await net::sleep_for(pause);
  }
}

}  // namespace deis::controller
