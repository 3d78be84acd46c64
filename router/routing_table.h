#pragma once
// What the routers' shared table shall hold, derived from etcd's keys (ARCHITECTURE.md §7): pure, no I/O. The
// agent feeds it changes and writes into the table what they touched.

#include "core/component/app_policy.h"
#include "core/etcd/client.h"
#include "router/ended_containers.h"
#include "router/table/writer.h"

#include <map>
#include <optional>
#include <set>
#include <string>

namespace deis::router {

// What to think of a key that is gone. Doubted: etcd was away, so that leases ended of publishers that are
// well; they will publish their endpoints again.
enum class Loss { believed, doubted };

// What a publisher tells routers directly (publisher/running_feed.h). One of the three is there.
struct ContainerNews {
  std::string host;                              // id of the publisher's
  std::optional<std::set<std::string>> running;  // all containers of it that run
  std::string app, started, ended;               // an app's container
};

class RoutingTable {
 public:
  // Takes one change of a key under /deis/. Returns whether the key matters for routing. A value that cannot
  // be read counts as absent and is told through `problems()`: one broken key must not take others with it.
  bool apply(const etcd::Change& change, Loss loss = Loss::believed);
  // A container that has ended gets nothing, whatever etcd says: its address may be another app's by now.
  // Returns whether that changes a route.
  bool apply(const ContainerNews& news);
  // Takes out the endpoints whose loss was doubted and that nobody has published again.
  void believe_losses();
  bool has_doubts() const { return !doubted_.empty(); }

  // Writes what was touched since the last call. Throws table::TableFull: what was not written yet stays
  // pending. `whole`: everything was touched, and what was not is erased.
  void write_to(table::TableWriter& writer, bool whole);

  const std::map<std::string, std::string>& problems() const { return problems_; }  // key -> what is wrong
  // Address of the builder, for the TCP pass-through.
  std::optional<std::string> builder() const { return builder_; }
  bool has_certificates() const { return !certificates_.empty(); }

 private:
  struct Job {
    table::EndpointSpec endpoint;
    bool up = false;
    std::string host;  // whose publisher wrote it
  };
  struct Canary {
    std::int64_t release = 0;
    std::uint32_t weight = 0;
  };
  struct App {
    std::optional<std::int64_t> live;  // route: the live release; absent: no such app
    std::optional<Canary> canary;
    table::Balance balance = table::Balance::round_robin;
    std::set<std::string> draining;          // jobs that get no new requests
    std::optional<std::string> maintenance;  // the message
    std::vector<IpNetwork> allowlist;        // empty: everybody
    std::map<std::string, Job> jobs;         // by name
  };
  using Name = std::pair<table::Kind, std::string>;
  struct Text {
    std::string first, second;
  };

  bool apply_valid(const etcd::Change& change, Loss loss);
  void apply_service(const std::string& path, const etcd::Change& change, Loss loss);
  void lose_job(const std::string& app, const std::string& job);
  void lose_doubted_at(const std::string& address);
  bool apply_running(const std::string& host, const std::set<std::string>& running);
  void apply_app(const std::string& name, const etcd::Change& change);
  void apply_domain(const std::string& domain, const etcd::Change& change);
  void apply_certificate(const std::string& name, const etcd::Change& change);
  void apply_challenge(const std::string& token, const etcd::Change& change);
  void apply_component(const std::string& name, const std::string& host, const etcd::Change& change);
  std::optional<table::RouteSpec> route(const std::string& app) const;
  void write(table::TableWriter& writer, const Name& name, const std::optional<Text>& text) const;

  std::map<std::string, App> apps_;
  std::set<std::pair<std::string, std::string>> doubted_;  // app, job
  EndedContainers ended_;
  std::map<std::string, std::map<std::string, std::string>> hosts_;  // component -> host id -> address
  std::set<std::string> certificates_;                               // names
  std::optional<std::string> builder_;
  std::map<Name, std::optional<Text>> pending_;  // nullopt: gone; of an app: see apps_
  std::map<std::string, std::string> problems_;
};

}  // namespace deis::router
