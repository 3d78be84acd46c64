#include "controller/scheduler/route_table.h"

#include "core/base/error.h"
#include "core/json/json.h"

#include <algorithm>

namespace deis::controller {
namespace {

constexpr auto kAppsPrefix = "/deis/apps/";
constexpr auto kDomainsPrefix = "/deis/domains/";
constexpr int kAttempts = 10;
constexpr std::size_t kTxnSize = 100;  // operations; etcd takes 128

struct DomainValue {
  std::string app;
};
BOOST_DESCRIBE_STRUCT(DomainValue, (), (app))

std::string route_key(const AppId& app) {
  return kAppsPrefix + app.str();
}

// A value of somebody's typing must not keep the others from being seen.
RouteEntry parse_leniently(const std::string& text) {
  try {
    return parse_route(text);
  } catch (const Error&) {
    return {};
  }
}

Error too_busy(const std::string& key) {
  return Error(ErrorCode::conflict, key + " is changed by others all the time: try again");
}

std::string domain_app(const std::string& text) {
  try {
    return json::from<DomainValue>(json::parse(text)).app;
  } catch (const Error&) {
    return "";
  }
}

}  // namespace

Task<etcd::TxnResult> RouteTable::replace(
    std::string key, std::optional<etcd::KeyValue> before, std::string text, Deadline deadline) {
  etcd::Compare same{.key = key, .target = etcd::Compare::Target::mod_revision};
  same.number = before ? before->mod_revision : 0;
  etcd::Operation put{.kind = etcd::Operation::Kind::put, .key = key, .value = std::move(text)};
  std::vector<etcd::Compare> compares(1, std::move(same));
  std::vector<etcd::Operation> puts(1, std::move(put)), nothing;
  co_return co_await etcd_.txn(std::move(compares), std::move(puts), std::move(nothing), deadline);
}

Task<etcd::Revision> RouteTable::change(AppId app, RouteChange change, Deadline deadline) {
  const std::string key = route_key(app);
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const auto entry = co_await etcd_.get(key, deadline);
    if (!entry && !change.release) co_return 0;
    const std::string text = apply_change(entry ? entry->value : "", change);
    if (entry && entry->value == text) co_return entry->mod_revision;
    const auto result = co_await replace(key, entry, text, deadline);
    if (result.succeeded) co_return result.revision;
  }
  throw too_busy(key);
}

Task<etcd::Revision> RouteTable::change_as_seen(
    AppId app, RouteChange change, etcd::Revision seen, Deadline deadline) {
  const std::string key = route_key(app);
  const auto entry = co_await etcd_.get(key, deadline);
  const etcd::Revision written = entry ? entry->mod_revision : 0;
  if (written == seen && (entry || change.release)) {
    std::string text = apply_change(entry ? entry->value : "", change);
    if (entry && entry->value == text) co_return written;
    const auto result = co_await replace(key, entry, std::move(text), deadline);
    if (result.succeeded) co_return result.revision;
  }
  change.policy.reset();
  co_return co_await this->change(std::move(app), std::move(change), deadline);
}

Task<etcd::Revision> RouteTable::write_policy(AppId app, ReadPolicy read, Deadline deadline) {
  const std::string key = route_key(app);
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const auto entry = co_await etcd_.get(key, deadline);
    if (!entry) co_return 0;
    RouteChange change;
    change.policy = co_await read();
    const std::string text = apply_change(entry->value, change);
    if (entry->value == text) co_return entry->mod_revision;
    const auto result = co_await replace(key, entry, text, deadline);
    if (result.succeeded) co_return result.revision;
  }
  throw too_busy(key);
}

Task<std::optional<RouteEntry>> RouteTable::get(AppId app, Deadline deadline) {
  const auto entry = co_await etcd_.get(route_key(app), deadline);
  if (!entry) co_return std::nullopt;
  co_return parse_leniently(entry->value);
}

Task<Routes> RouteTable::list(Deadline deadline) {
  Routes routes;
  const auto apps = co_await etcd_.list(kAppsPrefix, deadline);
  const auto domains = co_await etcd_.list(kDomainsPrefix, deadline);
  for (const auto& entry : apps.entries) {
    const std::string app = entry.key.substr(std::string_view(kAppsPrefix).size());
    routes.apps[app] = parse_leniently(entry.value);
    routes.changed[app] = entry.mod_revision;
  }
  for (const auto& entry : domains.entries)
    routes.domains[entry.key.substr(std::string_view(kDomainsPrefix).size())] = domain_app(entry.value);
  co_return routes;
}

Task<> RouteTable::set_domain(std::string fqdn, AppId app, Deadline deadline) {
  std::string value = json::to_string(DomainValue{.app = app.str()});
  co_await etcd_.put(kDomainsPrefix + fqdn, std::move(value), deadline);
}

Task<> RouteTable::drop_domain(std::string fqdn, AppId app, Deadline deadline) {
  const std::string key = kDomainsPrefix + fqdn;
  const auto entry = co_await etcd_.get(key, deadline);
  if (!entry || domain_app(entry->value) != app.str()) co_return;
  etcd::Compare same{
      .key = key, .target = etcd::Compare::Target::mod_revision, .number = entry->mod_revision};
  etcd::Operation drop{.kind = etcd::Operation::Kind::erase, .key = key};
  std::vector<etcd::Compare> compares(1, std::move(same));
  std::vector<etcd::Operation> drops(1, std::move(drop)), nothing;
  co_await etcd_.txn(std::move(compares), std::move(drops), std::move(nothing), deadline);
}

// Only what is there: an erasure of nothing is no change, so no router would ever say that it has applied it.
Task<etcd::Revision> RouteTable::erase(AppId app, Deadline deadline) {
  const Routes routes = co_await list(deadline);
  std::vector<std::string> keys;
  if (routes.apps.contains(app.str())) keys.push_back(route_key(app));
  for (const auto& [fqdn, owner] : routes.domains) {
    if (owner == app.str()) keys.push_back(kDomainsPrefix + fqdn);
  }
  etcd::Revision revision = 0;
  for (std::size_t begin = 0; begin < keys.size(); begin += kTxnSize) {
    std::vector<etcd::Compare> always;
    std::vector<etcd::Operation> erasures, nothing;
    for (std::size_t i = begin; i < std::min(keys.size(), begin + kTxnSize); ++i)
      erasures.push_back(etcd::Operation{.kind = etcd::Operation::Kind::erase, .key = keys[i]});
    const auto result =
        co_await etcd_.txn(std::move(always), std::move(erasures), std::move(nothing), deadline);
    revision = result.revision;
  }
  co_return revision;
}

}  // namespace deis::controller
