#include "router/route_view.h"

#include "core/base/text.h"
#include "core/json/json.h"
#include "core/net/http.h"

namespace deis::router {
namespace {

json::object endpoint_json(const table::TableWriter& table, const table::Endpoint& endpoint) {
  json::object entry{{"release", endpoint.release}, {"ejected", table.ejected(endpoint)}};
  entry["address"] = boost::json::string(endpoint.name());
  entry["in_flight"] = table.counts(endpoint.slot).in_flight;
  return entry;
}

}  // namespace

std::string in_flight_json(const table::TableWriter& table, std::string_view query) {
  json::object counts;
  for (const auto& [name, value] : net::parse_form(query))
    if (name == "endpoint") counts[value] = table.in_flight(value);
  return json::to_text(counts);
}

std::optional<std::string> route_json(const table::TableWriter& table, std::string_view query) {
  std::string host;
  for (const auto& [name, value] : net::parse_form(query))
    if (name == "host") host = to_lower(value);
  std::string app(table.domain(host));
  if (app.empty()) app = host.substr(0, host.find('.'));
  const table::Route* route = table.route(app);
  if (route == nullptr) return std::nullopt;
  json::object view{{"release", route->release}, {"revision", table.revision()}, {"canary", nullptr}};
  view["host"] = boost::json::string(host);
  view["app"] = boost::json::string(app);
  if (route->canary_weight != 0)
    view["canary"] = json::object{{"release", route->canary_release}, {"weight", route->canary_weight}};
  json::array endpoints;
  for (unsigned i = 0; i < route->stable + route->canary; ++i)
    endpoints.emplace_back(endpoint_json(table, route->endpoints()[i]));
  view["endpoints"] = std::move(endpoints);
  return json::to_text(view);
}

}  // namespace deis::router
