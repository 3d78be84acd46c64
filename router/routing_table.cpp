#include "router/routing_table.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/json/json.h"
#include "core/net/stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <arpa/inet.h>
#include <utility>

namespace deis::router {
namespace {

using table::Kind;

struct WireEndpoint {
  std::int64_t release = 0;
  std::string container, host_id, address, state;
  std::uint16_t port = 0;
};
BOOST_DESCRIBE_STRUCT(WireEndpoint, (), (release, container, host_id, address, state, port))

struct WireCanary {
  std::int64_t release = 0, weight = 0;
};
BOOST_DESCRIBE_STRUCT(WireCanary, (), (release, weight))

struct WireApp {
  std::int64_t release = 0;
  std::vector<std::string> draining;
  std::optional<WireCanary> canary;
  std::string balance = "round-robin";
  json::value config_allowlist = json::array();
};
BOOST_DESCRIBE_STRUCT(WireApp, (), (release, draining, canary, balance, config_allowlist))

struct WireDomain {
  std::string app;
};
BOOST_DESCRIBE_STRUCT(WireDomain, (), (app))

struct WireCertificate {
  std::string certificate, key;
};
BOOST_DESCRIBE_STRUCT(WireCertificate, (), (certificate, key))

struct WireChallenge {
  std::string host, answer;
};
BOOST_DESCRIBE_STRUCT(WireChallenge, (), (host, answer))

struct WireHost {
  std::string address;
};
BOOST_DESCRIBE_STRUCT(WireHost, (), (address))

constexpr std::string_view kServices = "/deis/services/", kApps = "/deis/apps/", kDomains = "/deis/domains/",
                           kCertificates = "/deis/certs/", kChallenges = "/deis/acme/";

void check_address(const std::string& address) {
  std::array<char, sizeof(in6_addr)> bytes{};
  if (::inet_pton(AF_INET, address.c_str(), bytes.data()) == 1) return;
  if (::inet_pton(AF_INET6, address.c_str(), bytes.data()) == 1) return;
  throw Error(ErrorCode::invalid, fmt::format("'{}' is not an IP address", address));
}

std::string host_and_port(const std::string& address) {
  const net::Endpoint endpoint = net::Endpoint::parse(address);
  check_address(endpoint.host);
  return fmt::format("{}:{}", endpoint.host, endpoint.port);
}

table::Network to_network(const IpNetwork& range) {
  table::Network network{};
  const std::string& bytes = range.bytes();
  const bool is_v4 = bytes.size() == 4;
  if (is_v4) network.address[10] = network.address[11] = 0xff;
  std::copy(bytes.begin(), bytes.end(), network.address.begin() + (is_v4 ? 12 : 0));
  network.bits = static_cast<std::uint32_t>(range.length()) + (is_v4 ? 96 : 0);
  return network;
}

table::Balance to_balance(const std::string& text) {
  if (text == "round-robin") return table::Balance::round_robin;
  if (text == "least-requests") return table::Balance::least_requests;
  throw Error(
      ErrorCode::invalid, fmt::format("balance '{}' is neither round-robin nor least-requests", text));
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

bool RoutingTable::apply(const etcd::Change& change, Loss loss) {
  const std::string& key = change.entry.key;
  problems_.erase(key);
  try {
    return apply_valid(change, loss);
  } catch (const Error& error) {
    if (!change.deleted) {
      etcd::Change gone = change;
      gone.deleted = true;
      apply(gone);
    }
    problems_[key] = error.what();
  }
  return true;
}

bool RoutingTable::apply_valid(const etcd::Change& change, Loss loss) {
  const std::string& key = change.entry.key;
  const auto below = [&key](std::string_view prefix) { return key.substr(prefix.size()); };
  if (key.starts_with(kServices)) {
    apply_service(below(kServices), change, loss);
  } else if (key.starts_with(kApps)) {
    apply_app(below(kApps), change);
  } else if (key.starts_with(kDomains)) {
    apply_domain(to_lower(below(kDomains)), change);
  } else if (key.starts_with(kCertificates)) {
    apply_certificate(to_lower(below(kCertificates)), change);
  } else if (key.starts_with(kChallenges)) {
    apply_challenge(below(kChallenges), change);
  } else if (const auto host = component_host(key)) {
    apply_component(host->first, host->second, change);
  } else {
    return false;
  }
  return true;
}

void RoutingTable::apply_service(const std::string& path, const etcd::Change& change, Loss loss) {
  const auto slash = path.find('/');
  if (slash == std::string::npos) throw Error(ErrorCode::invalid, "not /deis/services/<app>/<job>");
  const std::string name = path.substr(0, slash), job = path.substr(slash + 1);
  if (change.deleted) {
    if (loss == Loss::believed) return lose_job(name, job);
    doubted_.emplace(name, job);
    return;
  }
  auto wire = json::from<WireEndpoint>(json::parse(change.entry.value));
  const bool up = wire.state == "up";
  if (up) check_address(wire.address);
  doubted_.erase({name, job});
  lose_doubted_at(wire.address);
  apps_[name].jobs[job] =
      Job{.endpoint = {std::move(wire.address), wire.port, std::move(wire.container), wire.release},
          .up = up,
          .host = std::move(wire.host_id)};
  pending_[{Kind::app, name}] = std::nullopt;
}

void RoutingTable::lose_job(const std::string& name, const std::string& job) {
  doubted_.erase({name, job});
  const auto app = apps_.find(name);
  if (app == apps_.end()) return;
  app->second.jobs.erase(job);
  if (app->second.jobs.empty() && !app->second.live) apps_.erase(app);
  pending_[{Kind::app, name}] = std::nullopt;
}

// An address that somebody else has now.
void RoutingTable::lose_doubted_at(const std::string& address) {
  const auto doubted = doubted_;
  for (const auto& [name, job] : doubted) {
    const auto app = apps_.find(name);
    if (app == apps_.end()) continue;
    const auto found = app->second.jobs.find(job);
    if (found != app->second.jobs.end() && found->second.endpoint.host == address) lose_job(name, job);
  }
}

void RoutingTable::believe_losses() {
  const auto doubted = std::exchange(doubted_, {});
  for (const auto& [name, job] : doubted) lose_job(name, job);
}

bool RoutingTable::apply(const ContainerNews& news) {
  if (news.running) return apply_running(news.host, *news.running);
  const bool is_new = news.ended.empty() ? ended_.remove(news.started) : ended_.add(news.ended);
  if (!is_new || !apps_.contains(news.app)) return false;
  pending_[{Kind::app, news.app}] = std::nullopt;
  return true;
}

bool RoutingTable::apply_running(const std::string& host, const std::set<std::string>& running) {
  bool touched = false;
  for (const auto& [name, app] : apps_) {
    for (const auto& [job_name, job] : app.jobs) {
      if (job.host != host) continue;
      const std::string& container = job.endpoint.container;
      const bool is_new = running.contains(container) ? ended_.remove(container) : ended_.add(container);
      if (!is_new) continue;
      pending_[{Kind::app, name}] = std::nullopt;
      touched = true;
    }
  }
  return touched;
}

void RoutingTable::apply_app(const std::string& name, const etcd::Change& change) {
  App next;
  if (!change.deleted) {
    const json::value document = json::parse(change.entry.value);
    const auto wire = json::from<WireApp>(document);
    const auto policy = component::read_policy(document.as_object());
    next.allowlist = policy.allowlist ? *policy.allowlist : component::read_networks(wire.config_allowlist);
    next.maintenance = policy.maintenance;
    next.draining.insert(wire.draining.begin(), wire.draining.end());
    next.balance = to_balance(wire.balance);
    if (wire.canary) {
      if (wire.canary->weight < 1 || wire.canary->weight > 99)
        throw Error(ErrorCode::invalid, "the canary's weight is not 1-99");
      next.canary = Canary{wire.canary->release, static_cast<std::uint32_t>(wire.canary->weight)};
    }
    next.live = wire.release;
  }
  App& app = apps_[name];
  next.jobs = std::move(app.jobs);
  app = std::move(next);
  if (!app.live && app.jobs.empty()) apps_.erase(name);
  pending_[{Kind::app, name}] = std::nullopt;
}

void RoutingTable::apply_domain(const std::string& domain, const etcd::Change& change) {
  auto& text = pending_[{Kind::domain, domain}];
  text.reset();
  if (!change.deleted) text = Text{json::from<WireDomain>(json::parse(change.entry.value)).app, ""};
}

void RoutingTable::apply_certificate(const std::string& name, const etcd::Change& change) {
  auto& text = pending_[{Kind::certificate, name}];
  text.reset();
  certificates_.erase(name);
  if (change.deleted) return;
  auto wire = json::from<WireCertificate>(json::parse(change.entry.value));
  text = Text{std::move(wire.certificate), std::move(wire.key)};
  certificates_.insert(name);
}

void RoutingTable::apply_challenge(const std::string& token, const etcd::Change& change) {
  auto& text = pending_[{Kind::challenge, token}];
  text.reset();
  if (change.deleted) return;
  auto wire = json::from<WireChallenge>(json::parse(change.entry.value));
  text = Text{to_lower(wire.host), std::move(wire.answer)};
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
    return;
  }
  auto& text = pending_[{Kind::component, name}];
  text.reset();
  if (first) text = Text{*first, ""};
}

// An app is served by those endpoints of its live release, and of its canary, that are up, have not ended and
// are not being retired.
std::optional<table::RouteSpec> RoutingTable::route(const std::string& name) const {
  const auto found = apps_.find(name);
  if (found == apps_.end() || !found->second.live) return std::nullopt;
  const App& app = found->second;
  table::RouteSpec route;
  route.release = *app.live;
  route.balance = app.balance;
  route.maintenance = app.maintenance;
  if (app.canary) {
    route.canary_release = app.canary->release;
    route.canary_weight = app.canary->weight;
  }
  for (const auto& [job_name, job] : app.jobs) {
    if (!job.up || app.draining.contains(job_name) || ended_.contains(job.endpoint.container)) continue;
    if (job.endpoint.release == route.release) {
      route.endpoints.push_back(job.endpoint);
    } else if (app.canary && job.endpoint.release == app.canary->release) {
      route.canary.push_back(job.endpoint);
    }
  }
  for (const IpNetwork& range : app.allowlist) route.networks.push_back(to_network(range));
  return route;
}

void RoutingTable::write(
    table::TableWriter& writer, const Name& name, const std::optional<Text>& text) const {
  const auto& [kind, key] = name;
  if (kind == Kind::app) {
    if (const auto wanted = route(key)) {
      writer.set_route(key, *wanted);
    } else {
      writer.erase(kind, key);
    }
  } else if (!text) {
    writer.erase(kind, key);
  } else if (kind == Kind::component) {
    const net::Endpoint address = net::Endpoint::parse("http://" + text->first);
    writer.set_address(key, address.host, address.port);
  } else {
    writer.set_text(kind, key, text->first, text->second);
  }
}

void RoutingTable::write_to(table::TableWriter& writer, bool whole) {
  if (whole) {
    for (int i = 0; i < table::kKinds; ++i) {
      const auto kind = static_cast<Kind>(i);
      for (const std::string& name : writer.names(kind)) pending_.try_emplace({kind, name});
    }
  }
  while (!pending_.empty()) {
    const auto next = pending_.begin();
    write(writer, next->first, next->second);
    pending_.erase(next);
  }
}

}  // namespace deis::router
