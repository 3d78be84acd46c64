#pragma once
// The API's pipeline: every request passes the same checks in the order of the contract (api.md §2), then
// reaches the handler of its route (routes.cpp). Loop thread only.

#include "controller/api/call.h"
#include "core/component/metrics.h"

#include <functional>
#include <vector>

namespace deis::controller::api {

class ApiServer {
 public:
  // `services` is null as long as the database was never reached; then all but /healthz is answered 503.
  using FindServices = std::function<Services*()>;
  ApiServer(FindServices services, component::Metrics& metrics, Log log);

  // What the HttpServer calls. Never throws but for bugs.
  Task<net::Reply> handle(net::Request request);

 private:
  using Match = net::RouteTable<const Route*>::Match;

  Task<net::Reply> answer(const net::Request& request, const Log& log, std::string& user);
  Task<> authenticate(Services& services, Who who, Call& call);
  Task<> find_app(Services& services, Who who, Call& call);
  const Route& route_for_checks(const Match& match, std::string_view path) const;

  FindServices services_;
  component::Metrics& metrics_;
  Log log_;
  net::RouteTable<const Route*> routes_;
};

}  // namespace deis::controller::api
