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
  // What is answered while there are no services, when it is not the database that is missing.
  void say_why_closed(std::function<std::string()> why) { why_closed_ = std::move(why); }

  // What the HttpServer calls. Never throws but for bugs.
  Task<net::Reply> handle(net::Request request);

 private:
  using Match = net::RouteTable<const Route*>::Match;

  Task<net::Reply> answer(
      const net::Request& request, const Log& log, const std::string& id, std::string& user);
  // The handler behind its checks, and, for what changes something, the audit record before the answer.
  Task<net::Reply> perform(Services& services, const Route& route, Call& call);
  Task<net::Reply> perform_recorded(Services& services, const Route& route, Call& call, std::string id);
  // Whether the record is there, or need not be.
  Task<bool> record(Services& services, const Route& route, const Call& call, int status, std::string id);
  Task<> find_app(Services& services, const Route& route, Call& call);
  const Route& route_for_checks(const Match& match, std::string_view path) const;

  FindServices services_;
  std::function<std::string()> why_closed_ = [] { return std::string(); };
  component::Metrics& metrics_;
  Log log_;
  net::RouteTable<const Route*> routes_;
};

}  // namespace deis::controller::api
