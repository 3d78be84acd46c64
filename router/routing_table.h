#pragma once
// What nginx shall know, derived from etcd's keys (ARCHITECTURE.md §7): pure, no I/O. The agent feeds it
// changes and sends nginx the differences between what it knows and what it shall know.

#include "core/component/app_policy.h"
#include "core/etcd/client.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace deis::router {

using Table =
    std::map<std::string, std::string>;  // keys of lua/routing.lua: a:<app>, d:<domain>, component:<name>

struct Difference {
  Table set;
  std::vector<std::string> erase;
  bool empty() const { return set.empty() && erase.empty(); }
};

class RoutingTable {
 public:
  // Takes one change of a key under /deis/. Returns whether the key matters for routing. A value that cannot
  // be read counts as absent and is told through `problems()`: one broken key must not take others with it.
  bool apply(const etcd::Change& change);

  const Table& wanted() const { return wanted_; }
  // From what the last call with `accept()` confirmed to what is wanted now.
  Difference difference() const;
  // nginx has everything that is wanted now.
  void accept() { known_ = wanted_; }

  const std::map<std::string, std::string>& problems() const { return problems_; }  // key -> what is wrong
  // Address of the builder, for the TCP pass-through.
  std::optional<std::string> builder() const { return builder_; }

 private:
  struct Endpoint {
    std::string address;  // "172.30.0.5:5000"
    std::int64_t release = 0;
    bool up = false;
  };
  struct App {
    std::optional<std::int64_t> live;           // route: the live release; absent: no such app
    std::set<std::string> draining;             // jobs that get no new requests
    std::optional<std::string> maintenance;     // the message
    std::vector<IpNetwork> allowlist;           // empty: everybody
    std::map<std::string, Endpoint> endpoints;  // by job name
  };

  void apply_service(const std::string& path, const etcd::Change& change);
  void apply_app(const std::string& app, const etcd::Change& change);
  void apply_domain(const std::string& domain, const etcd::Change& change);
  void apply_component(const std::string& name, const std::string& host, const etcd::Change& change);
  void render(const std::string& app);

  std::map<std::string, App> apps_;
  std::map<std::string, std::map<std::string, std::string>> hosts_;  // component -> host id -> address
  std::optional<std::string> builder_;
  Table wanted_, known_;
  std::map<std::string, std::string> problems_;
};

}  // namespace deis::router
