#pragma once
// Announces an address in etcd, under a lease, only while a real probe passes (contract components.md §0.3, §11.1).

#include <functional>
#include <string>

#include "core/etcd/session.h"

namespace deis::component {

class Announcer {
 public:
  using Probe = std::function<Task<bool>(Deadline)>;  // false or an exception: not well
  // Every `interval` the probe runs; passing sets `key` = `value` in the session, `failures` misses in a row unset it.
  Announcer(etcd::Session& session, std::string key, std::string value, Probe probe, Log log);

  void set_value(std::string value);  // from now on
  bool announced() const { return announced_; }
  Task<> run();

 private:
  etcd::Session& session_;
  std::string key_, value_;
  Probe probe_;
  Log log_;
  bool announced_ = false;
};

Announcer::Probe tcp_probe(net::Endpoint endpoint);               // accepts a connection
Announcer::Probe http_probe(net::Endpoint endpoint, std::string path);  // answers 200

}  // namespace deis::component
