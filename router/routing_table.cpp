#include "router/routing_table.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/json/json.h"
#include "core/net/stream.h"

#include <fmt/format.h>

namespace deis::router {
namespace {

struct WireEndpoint {
  std::int64_t release = 0;
  std::string address, state;
  std::uint16_t port = 0;
};
BOOST_DESCRIBE_STRUCT(WireEndpoint, (), (release, address, state, port))

struct WireApp {
  std::int64_t release = 0;
  std::vector<std::string> draining;
  json::value config_allowlist = json::array();
};
BOOST_DESCRIBE_STRUCT(WireApp, (), (release, draining, config_allowlist))

struct WireDomain {
  std::string app;
};
BOOST_DESCRIBE_STRUCT(WireDomain, (), (app))

struct WireHost {
  std::string address;
};
BOOST_DESCRIBE_STRUCT(WireHost, (), (address))

constexpr std::string_view kServices = "/deis/services/", kApps = "/deis/apps/", kDomains = "/deis/domains/";

// "0a000000/8": what lua/guard.lua compares with nginx's binary address.
json::array networks_json(const std::vector<IpNetwork>& networks) {
  json::array list;
  for (const auto& network : networks)
    list.emplace_back(fmt::format("{}/{}", hex_encode(network.bytes()), network.length()));
  return list;
}

std::string host_and_port(const std::string& address) {
  const net::Endpoint endpoint = net::Endpoint::parse(address);
  return fmt::format("{}:{}", endpoint.host, endpoint.port);
}

// "/deis/<component>/hosts/<id>" for the components that the router itself sends traffic to.
std::optional<std::pair<std::string, std::string>> component_host(std::string_view key) {
  for (const std::string_view name : {"controller", "builder"}) {
    const std::string prefix = fmt::format("/deis/{}/hosts/", name);
    if (key.starts_with(prefix)) return std::pair(std::string(name), std::string(key.substr(prefix.size())));
  }
  return std::nullopt;
}

}  // namespace

bool RoutingTable::apply(const etcd::Change& change) {
  const std::string& key = change.entry.key;
  problems_.erase(key);
  try {
    if (key.starts_with(kServices)) {
      apply_service(key.substr(kServices.size()), change);
    } else if (key.starts_with(kApps)) {
      apply_app(key.substr(kApps.size()), change);
    } else if (key.starts_with(kDomains)) {
      apply_domain(to_lower(key.substr(kDomains.size())), change);
    } else if (const auto host = component_host(key)) {
      apply_component(host->first, host->second, change);
    } else {
      return false;
    }
  } catch (const Error& error) {
    problems_[key] = error.what();
    etcd::Change gone = change;
    if (!change.deleted) {
      gone.deleted = true;
      apply(gone);
      problems_[key] = error.what();
    }
  }
  return true;
}

void RoutingTable::apply_service(const std::string& path, const etcd::Change& change) {
  const auto slash = path.find('/');
  if (slash == std::string::npos) throw Error(ErrorCode::invalid, "not /deis/services/<app>/<job>");
  const std::string name = path.substr(0, slash), job = path.substr(slash + 1);
  if (change.deleted) {
    apps_[name].endpoints.erase(job);
  } else {
    const auto wire = json::from<WireEndpoint>(json::parse(change.entry.value));
    if (wire.address.empty() && wire.state == "up")
      throw Error(ErrorCode::invalid, "an endpoint that is up has no address");
    apps_[name].endpoints[job] =
        Endpoint{fmt::format("{}:{}", wire.address, wire.port), wire.release, wire.state == "up"};
  }
  render(name);
}

void RoutingTable::apply_app(const std::string& name, const etcd::Change& change) {
  App& app = apps_[name];
  app.live.reset();
  app.draining.clear();
  app.maintenance.reset();
  app.allowlist.clear();
  if (!change.deleted) {
    const json::value document = json::parse(change.entry.value);
    const auto wire = json::from<WireApp>(document);
    const auto policy = component::read_policy(document.as_object());
    app.allowlist = policy.allowlist ? *policy.allowlist : component::read_networks(wire.config_allowlist);
    app.maintenance = policy.maintenance;
    app.draining.insert(wire.draining.begin(), wire.draining.end());
    app.live = wire.release;
  }
  render(name);
}

void RoutingTable::apply_domain(const std::string& domain, const etcd::Change& change) {
  if (change.deleted) {
    wanted_.erase("d:" + domain);
  } else {
    wanted_["d:" + domain] = json::from<WireDomain>(json::parse(change.entry.value)).app;
  }
}

void RoutingTable::apply_component(
    const std::string& name, const std::string& host, const etcd::Change& change) {
  auto& hosts = hosts_[name];
  if (change.deleted) {
    hosts.erase(host);
  } else {
    hosts[host] = host_and_port(json::from<WireHost>(json::parse(change.entry.value)).address);
  }
  const auto first = hosts.empty() ? std::nullopt : std::optional(hosts.begin()->second);
  if (name == "builder") {
    if (first) builder_ = first;  // while it is away the last address is as good as any
  } else if (first) {
    wanted_["component:" + name] = *first;
  } else {
    wanted_.erase("component:" + name);
  }
}

// An app is served by those endpoints of its live release that are up and not being retired.
void RoutingTable::render(const std::string& name) {
  const auto found = apps_.find(name);
  if (found == apps_.end()) return;
  const App& app = found->second;
  if (!app.live) {
    wanted_.erase("a:" + name);
    if (app.endpoints.empty()) apps_.erase(found);
    return;
  }
  json::array endpoints;
  for (const auto& [job, endpoint] : app.endpoints) {
    if (endpoint.up && endpoint.release == *app.live && !app.draining.contains(job)) {
      endpoints.emplace_back(json::value(boost::json::string(endpoint.address)));
    }
  }
  json::object entry{{"release", *app.live}};
  entry["endpoints"] = std::move(endpoints);
  if (app.maintenance) entry["maintenance"] = json::to_value(*app.maintenance);
  if (!app.allowlist.empty()) entry["allow"] = networks_json(app.allowlist);
  wanted_["a:" + name] = json::to_text(entry);
}

Difference RoutingTable::difference() const {
  Difference difference;
  for (const auto& [key, value] : wanted_) {
    const auto known = known_.find(key);
    if (known == known_.end() || known->second != value) difference.set[key] = value;
  }
  for (const auto& [key, value] : known_) {
    if (!wanted_.contains(key)) difference.erase.push_back(key);
  }
  return difference;
}

}  // namespace deis::router
