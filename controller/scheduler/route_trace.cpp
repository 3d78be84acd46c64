#include "controller/scheduler/route_trace.h"

#include "controller/scheduler/parallel.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/json/json.h"
#include "core/net/http_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace deis::controller {
namespace {

constexpr auto kEtcdTime = std::chrono::seconds(5);
constexpr auto kTraceTime = std::chrono::seconds(3);
constexpr std::size_t kTracedAtOnce = 32;  // routers

struct CanaryWire {
  std::int64_t release = 0;
  int weight = 0;
};
BOOST_DESCRIBE_STRUCT(CanaryWire, (), (release, weight))

struct EndpointWire {
  std::string address;
  std::int64_t release = 0, in_flight = 0;
  bool ejected = false;
};
BOOST_DESCRIBE_STRUCT(EndpointWire, (), (address, release, in_flight, ejected))

struct ViewWire {
  std::string app;
  std::int64_t release = 0;
  std::optional<CanaryWire> canary;
  std::vector<EndpointWire> endpoints;
};
BOOST_DESCRIBE_STRUCT(ViewWire, (), (app, release, canary, endpoints))

std::string describe(const Canary& canary) {
  if (canary.release == 0) return "no canary";
  return fmt::format("{} % to the canary v{}", canary.weight, canary.release);
}

Task<> read_entry(etcd::Client& etcd, RouteTrace& trace) {
  const auto entry = co_await etcd.get("/deis/apps/" + trace.app.str(), in(kEtcdTime));
  if (!entry) co_return;
  try {
    trace.entry = parse_route(entry->value);
  } catch (const Error&) {  // as good as none: routers ignore it too
  }
  trace.revision = entry->mod_revision;
}

Task<> read_endpoints(etcd::Client& etcd, RouteTrace& trace) {
  const auto range = co_await etcd.list(kServicesPrefix + trace.app.str() + "/", in(kEtcdTime));
  for (const auto& entry : range.entries) {
    const auto job = job_of_key(entry.key);
    if (!job) continue;
    trace.revision = std::max(trace.revision, entry.mod_revision);
    try {
      TracedEndpoint endpoint{.job = *job, .published = read_endpoint(entry)};
      const bool in_service = trace.entry.serves(job->release) && !trace.entry.draining.contains(job->str());
      endpoint.gets_requests = in_service && endpoint.published.is_up();
      trace.endpoints.push_back(std::move(endpoint));
    } catch (const Error&) {  // no endpoint to anybody
    }
  }
}

Task<> read_routers(etcd::Client& etcd, RouteTrace& trace) {
  const auto range = co_await etcd.list(kRoutersPrefix, in(kEtcdTime));
  for (const auto& entry : range.entries) {
    TracedRouter router{.id = entry.key.substr(std::string_view(kRoutersPrefix).size())};
    try {
      router.host = read_router(entry);
    } catch (const Error& error) {
      router.trouble = std::string("its announcement cannot be read: ") + error.what();
    }
    trace.routers.push_back(std::move(router));
  }
}

std::string listed(const std::set<std::string>& addresses, const std::set<std::string>& without) {
  std::vector<std::string> rest;
  std::ranges::set_difference(addresses, without, std::back_inserter(rest));
  return join(rest, ", ");
}

}  // namespace

RouterView read_router_view(std::string_view text) {
  const auto wire = json::from<ViewWire>(json::parse(text));
  RouterView view{.app = wire.app, .release = wire.release};
  if (wire.canary) view.canary = Canary{.release = wire.canary->release, .weight = wire.canary->weight};
  for (const auto& one : wire.endpoints) {
    view.endpoints.push_back(
        {.address = one.address, .release = one.release, .in_flight = one.in_flight, .ejected = one.ejected});
  }
  return view;
}

std::string difference(const RouteTrace& trace, const RouterView& view) {
  if (view.app != trace.app.str()) return "it sends this host to " + view.app;
  if (view.release != trace.entry.release) return fmt::format("it sends to v{}", view.release);
  if (view.canary != trace.entry.canary) return "it has " + describe(view.canary);
  std::set<std::string> wanted, known;
  for (const auto& endpoint : trace.endpoints) {
    if (endpoint.gets_requests) wanted.insert(endpoint.published.address);
  }
  for (const auto& endpoint : view.endpoints) known.insert(endpoint.address);
  if (const auto missing = listed(wanted, known); !missing.empty()) return "it does not send to " + missing;
  if (const auto extra = listed(known, wanted); !extra.empty()) return "it still sends to " + extra;
  return "";
}

Task<RouteTrace> RouteTracer::trace(AppId app, std::string host) {
  RouteTrace trace{.app = std::move(app)};
  co_await read_entry(etcd_, trace);
  co_await read_endpoints(etcd_, trace);
  co_await read_routers(etcd_, trace);
  const auto ask_one = [&](std::size_t i) -> Task<> { co_await ask(trace, host, trace.routers[i]); };
  const auto failures = co_await for_each(trace.routers.size(), kTracedAtOnce, ask_one);
  if (!failures.empty()) std::rethrow_exception(failures.front());
  co_return trace;
}

Task<> RouteTracer::ask(const RouteTrace& trace, std::string host, TracedRouter& router) {
  if (!router.trouble.empty()) co_return;
  net::HttpClient http(executor_, router.host.admin);
  net::Request request;
  const std::vector<std::pair<std::string, std::string>> parameters(1, {"host", host});
  request.target = "/route" + net::build_query(parameters);
  try {
    const auto response = co_await http.send(std::move(request), in(kTraceTime));
    if (response.status == 404) {
      router.trouble = "it knows no such host";
    } else if (response.status != 200) {
      router.trouble = fmt::format("it answered {}", response.status);
    } else {
      router.view = read_router_view(response.body);
      router.trouble = difference(trace, *router.view);
    }
  } catch (const Error& error) {
    if (error.code() == ErrorCode::canceled) throw;
    router.trouble = std::string("it does not tell: ") + error.what();
  }
}

}  // namespace deis::controller
