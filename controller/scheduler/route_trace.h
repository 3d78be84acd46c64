#pragma once
// How requests for a host travel: what etcd says about its app, and what each announced router has made of
// it. Judging is pure; RouteTracer asks. Read fresh from etcd: it is for people who doubt what they see.

#include "controller/scheduler/cluster_view.h"
#include "controller/scheduler/route_entry.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace deis::controller {

struct TracedEndpoint {
  JobName job;
  PublishedEndpoint published;
  bool gets_requests = false;  // by what etcd says
};

// What a router tells of a host (GET /route?host=).
struct RouterView {
  struct Endpoint {
    std::string address;
    std::int64_t release = 0, in_flight = 0;
    bool ejected = false;
  };
  std::string app;
  std::int64_t release = 0;
  Canary canary;
  std::vector<Endpoint> endpoints;
};

struct TracedRouter {
  std::string id;
  RouterHost host;
  std::optional<RouterView> view;  // nullopt: see `trouble`
  std::string trouble;             // "" when it does what etcd says
  bool agrees() const { return trouble.empty(); }
};

struct RouteTrace {
  AppId app;
  RouteEntry entry;             // release 0: etcd has none
  etcd::Revision revision = 0;  // the newest change that matters to this app's requests
  std::vector<TracedEndpoint> endpoints;
  std::vector<TracedRouter> routers;
};

// Throws Error{invalid} when it is no answer to GET /route.
RouterView read_router_view(std::string_view text);
// How the router differs from what etcd says, "" when it does not.
std::string difference(const RouteTrace& trace, const RouterView& view);

class RouteTracer {
 public:
  RouteTracer(Executor executor, etcd::Client& etcd) : executor_(executor), etcd_(etcd) {}

  // `host` belongs to `app`. Takes a few seconds at most, whatever routers do; what one does not tell is its
  // `trouble`. Error{unavailable} when etcd is away.
  Task<RouteTrace> trace(AppId app, std::string host);

 private:
  Task<> ask(const RouteTrace& trace, std::string host, TracedRouter& router);

  Executor executor_;
  etcd::Client& etcd_;
};

}  // namespace deis::controller
