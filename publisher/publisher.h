#pragma once
// Publishes the app containers of this host that are ready for traffic, and takes back those that are not
// (ARCHITECTURE.md §7). Docker's events make it quick, a listing every 10 s and after every doubt makes it
// right. Loop thread only.

#include "core/base/log.h"
#include "core/component/metrics.h"
#include "core/docker/client.h"
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
    std::chrono::seconds list_interval{10};
    ProbeState::Timing probes;
  };
  Publisher(
      Executor executor,
      docker::Client& docker,
      etcd::Client& etcd,
      etcd::Session& session,
      component::Metrics& metrics,
      Log log,
      Options options);

  Task<> run();
  std::string not_ready() const;  // "" when the last listing succeeded

 private:
  struct Tracked {
    Target target;
    ProbeState state;
    bool gone = false;
  };

  Task<> watch_once();
  Task<> follow_events(docker::Source<docker::Event>& events);
  void take_signal(const std::string& id, const std::string& signal);
  Task<> list_regularly();
  Task<> list();
  Task<> track(std::string id);
  void forget(const std::string& id);
  Task<> erase_leftovers();
  Task<> probe_until_gone(std::shared_ptr<Tracked> tracked);
  Task<std::string> probe(Target target);
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
  bool listed_ = false, cleaned_ = false;
};

}  // namespace deis::publisher
