#include "controller/domain/domains.h"

#include "controller/domain/host_name.h"
#include "controller/domain/validation.h"
#include "controller/scheduler/route_table.h"
#include "controller/storage/auto_certs.h"
#include "controller/storage/domains.h"
#include "core/base/text.h"

#include <fmt/format.h>

namespace deis::controller {
namespace {

// Host names are matched without case: routes are in lower case.
std::string route_key(const std::string& domain) {
  return "/deis/domains/" + to_lower(domain);
}

}  // namespace

Task<Page<Domain>> Domains::list(App app, PageRequest page) {
  auto db = context_.database.session(query_deadline());
  co_return co_await storage::list_domains(db, app.id.str(), page);
}

Task<Domain> Domains::add(App app, User by, std::string name) {
  const std::string checked = checked_host_name(name);
  auto tx = co_await context_.database.begin(query_deadline());
  Domain domain = co_await storage::create_domain(tx, app.id.str(), by.username.str(), checked);
  co_await RouteTable(context_.etcd).set_domain(to_lower(checked), app.id, query_deadline());
  co_await tx.commit();
  context_.app_log.info(app.id, fmt::format("{} added domain {}", by.username.str(), checked));
  co_return domain;
}

Task<> Domains::remove(App app, User by, std::string name) {
  auto tx = co_await context_.database.begin(query_deadline());
  const bool existed = co_await storage::delete_domain(tx, app.id.str(), name);
  if (!existed) throw not_found();
  co_await storage::delete_auto_cert(tx, app.id.str(), to_lower(name));
  co_await context_.etcd.erase(route_key(name), query_deadline());
  co_await tx.commit();
  context_.app_log.info(app.id, fmt::format("{} removed domain {}", by.username.str(), name));
}

}  // namespace deis::controller
