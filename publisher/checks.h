#pragma once
// How the containers of each app are to be probed, followed in etcd. Loop thread only.

#include "core/base/log.h"
#include "core/component/app_policy.h"
#include "core/etcd/mirror.h"
#include "core/net/event.h"
#include "publisher/target.h"

#include <functional>
#include <map>
#include <string>

namespace deis::publisher {

class Checks {
 public:
  Checks(Executor executor, etcd::Client& etcd, Log log);

  Task<> run();               // a part of the daemon
  Task<> wait_until_known();  // all have been read once
  component::HealthCheck of(const Target& target) const;

  // Called with each app whose checks are others now.
  void observe(std::function<void(const std::string& app)> observer) { observer_ = std::move(observer); }

 private:
  void take(const etcd::Change& change);

  etcd::Mirror mirror_;
  Log log_;
  std::map<std::string, component::HealthChecks> chosen_;  // by app
  std::function<void(const std::string&)> observer_;
  bool known_ = false;
  net::Event read_;
};

}  // namespace deis::publisher
