#pragma once
// Announces an address in etcd, under a lease, only while a real probe passes (contract components.md §0.3,
// §11.1).

#include "core/etcd/session.h"

#include <functional>
#include <string>

namespace deis::component {

class Announcer {
 public:
  using Probe = std::function<Task<bool>(Deadline)>;  // false or an exception: not well
  struct Timing {
    std::chrono::milliseconds interval{2000};
    std::chrono::milliseconds first_interval{
        50};                                // as long as it is not announced: a start should be seen at once
    std::chrono::milliseconds limit{1000};  // of one probe
    int failures = 2;
  };
  // Every `interval` the probe runs; passing sets `key` = `value` in the session, `failures` misses in a row
  // unset it.
  Announcer(etcd::Session& session, std::string key, std::string value, Probe probe, Log log);
  Announcer(etcd::Session& session, std::string key, std::string value, Probe probe, Log log, Timing timing);

  void set_value(std::string value);  // from now on
  bool announced() const { return announced_; }
  Task<> run();

 private:
  Task<std::string> probe_failure();  // "" when it passed
  void announce();
  void withdraw(const std::string& why);

  etcd::Session& session_;
  std::string key_, value_;
  Probe probe_;
  Log log_;
  Timing timing_;
  bool announced_ = false;
};

Announcer::Probe tcp_probe(net::Endpoint endpoint);                     // accepts a connection
Announcer::Probe http_probe(net::Endpoint endpoint, std::string path);  // answers 200

}  // namespace deis::component
