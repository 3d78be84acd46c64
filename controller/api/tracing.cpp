// GET /v1/routes?host=: from a host to what each router does with it. Ours, beyond v1.7.

#include "controller/api/handlers.h"
#include "controller/api/response.h"
#include "controller/domain/services.h"
#include "controller/domain/validation.h"
#include "core/json/json.h"
#include "core/net/http.h"

#include <fmt/format.h>

namespace deis::controller::api {
namespace {

std::string asked_host(const net::Request& request) {
  for (const auto& [name, value] : net::parse_form(request.query())) {
    if (name == "host") return value;
  }
  throw Error(ErrorCode::invalid, "host", kRequired);
}

json::value canary_json(const Canary& canary) {
  if (canary.release == 0) return nullptr;
  return json::object{{"release", canary.release}, {"weight", canary.weight}};
}

json::object endpoint_json(const TracedEndpoint& endpoint, const RouteEntry& entry) {
  return {
      {"name", fmt::format("{}.{}", endpoint.job.type.str(), endpoint.job.num)},
      {"release", endpoint.job.release},
      {"address", endpoint.published.address},
      {"container", endpoint.published.container},
      {"state", endpoint.published.state},
      {"detail", endpoint.published.detail},
      {"draining", entry.draining.contains(endpoint.job.str())},
      {"gets_requests", endpoint.gets_requests}};
}

json::object router_json(const TracedRouter& router) {
  json::object body{
      {"id", router.id},
      {"address", router.host.admin.host + ":" + std::to_string(router.host.admin.port)},
      {"revision", router.host.revision},
      {"agrees", router.agrees()},
      {"trouble", router.trouble},
      {"release", nullptr},
      {"canary", nullptr}};
  json::array endpoints;
  if (router.view) {
    body["release"] = router.view->release;
    body["canary"] = canary_json(router.view->canary);
    for (const auto& one : router.view->endpoints) {
      endpoints.push_back(json::object{
          {"address", one.address},
          {"release", one.release},
          {"in_flight", one.in_flight},
          {"ejected", one.ejected}});
    }
  }
  body["endpoints"] = std::move(endpoints);
  return body;
}

json::object trace_json(const HostTrace& trace) {
  const RouteEntry& entry = trace.route.entry;
  json::array endpoints, routers;
  for (const auto& endpoint : trace.route.endpoints) endpoints.push_back(endpoint_json(endpoint, entry));
  for (const auto& router : trace.route.routers) routers.push_back(router_json(router));
  return {
      {"host", trace.host},
      {"app", trace.route.app.str()},
      {"match", trace.own_domain ? "domain" : "name"},
      {"release", entry.release},
      {"canary", canary_json(entry.canary)},
      {"balance", entry.policy.balance.value_or(std::string(component::kRoundRobin))},
      {"drain_timeout", entry.policy.drain_timeout.value_or(component::kDrainTimeout)},
      {"maintenance", entry.policy.maintenance.has_value()},
      {"revision", trace.route.revision},
      {"endpoints", std::move(endpoints)},
      {"routers", std::move(routers)}};
}

}  // namespace

Task<net::Reply> trace_route(Services& services, Call& call) {
  std::string host = asked_host(call.request);
  std::vector<std::string> only;
  if (call.token) only = call.token->apps;
  const HostTrace trace = co_await services.tracing.trace(call.user(), std::move(host), std::move(only));
  co_return ok(trace_json(trace));
}

}  // namespace deis::controller::api
