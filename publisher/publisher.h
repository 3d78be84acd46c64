#pragma once
// Publishes the app containers of this host that are ready for traffic, and takes back those that are not
// (ARCHITECTURE.md §7). Docker's events make it quick, a listing every 10 s and after every doubt makes it
// right; the apps' health checks are followed in etcd. Loop thread only.

#include "core/base/log.h"
#include "core/component/app_policy.h"
#include "core/component/metrics.h"
#include "core/docker/client.h"
#include "core/etcd/mirror.h"
#include "core/etcd/session.h"
#include "core/net/task_group.h"
#include "publisher/probe_state.h"
#include "publisher/target.h"

#include <map>
#include <memory>
#include <set>

namespace deis::publisher {

class Publisher {
 public:
  struct Options {
    std::string host_id;
    std::string network = "deis-apps";
    std::string role = "app";  // label deis.role of the containers; a test has its own
    std::chrono::seconds list_interval{10};
  };
  Publisher(
      Executor executor,
      docker::Client& docker,
      etcd::Client& etcd,
      etcd::Session& session,
      component::Metrics& metrics,
      Log log,
      Options options);

  Task<> run();                   // two parts of the daemon: containers,
  Task<> follow_policies();       // and how they are probed
  std::string not_ready() const;  // "" when the last listing succeeded

 private:
  struct Tracked {
    Tracked(Executor executor, Target container) : target(std::move(container)), wake(executor) {}
    Target target;
    ProbeState state;
    std::optional<std::string> passed;  // path of the check that it passed last; "" for a connection
    std::string note;                   // a new check that it does not pass yet
    net::Event wake;                    // its check changed, or it is gone
    bool gone = false;
  };

  Task<> watch_once();
  Task<> follow_events(docker::Source<docker::Event>& events);
  void take_signal(const std::string& id, const std::string& signal);
  Task<> list_regularly();
  Task<> list();
  Task<> track(std::string id);
  void forget(const std::string& id);
  Task<> recall();
  Task<> erase_leftovers();
  void take_policy(const etcd::Change& change);
  component::HealthCheck check_of(const Target& target) const;
  Task<> probe_until_gone(std::shared_ptr<Tracked> tracked);
  Task<> wait_for_first_probe(Tracked& tracked);
  Task<ProbeState::Time> probe_once(Tracked& tracked);
  Task<ProbeResult> judge(Tracked& tracked, component::HealthCheck check);
  void publish(const Tracked& tracked);

  Executor executor_;
  docker::Client& docker_;
  etcd::Client& etcd_;
  etcd::Session& session_;
  component::Metrics& metrics_;
  Log log_;
  Options options_;
  net::TaskGroup probes_;
  std::map<std::string, std::shared_ptr<Tracked>> tracked_;  // by container id
  std::set<std::string> stopping_;                           // ids that were told to end and still run
  std::map<std::string, std::optional<std::string>>
      was_up_;  // ids our predecessor left, and what they had passed
  etcd::Mirror policies_mirror_;
  std::map<std::string, component::HealthChecks> policies_;  // by app
  net::Event policies_read_;
  bool policies_known_ = false, recalled_ = false, listed_ = false, cleaned_ = false;
};

}  // namespace deis::publisher
