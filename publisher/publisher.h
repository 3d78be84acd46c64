#pragma once
// Publishes the app containers of this host that are ready for traffic, and takes back those that are not
// (ARCHITECTURE.md §7). Docker's events make it quick, a listing every 10 s and after every doubt makes it
// right; EndpointTable decides who may be published, a ContainerWatch each of them probes. Loop thread only.

#include "core/base/log.h"
#include "core/component/app_log.h"
#include "core/component/metrics.h"
#include "core/docker/client.h"
#include "core/etcd/session.h"
#include "core/net/task_group.h"
#include "publisher/checks.h"
#include "publisher/container_watch.h"
#include "publisher/endpoint_table.h"
#include "publisher/restart_plan.h"

#include <deque>
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
      component::AppLog app_log,
      Log log,
      Options options);

  Task<> run();                   // two parts of the daemon: containers,
  Task<> follow_policies();       // and how they are probed
  std::string not_ready() const;  // "" when the last listing succeeded

 private:
  struct Inherited {  // of our predecessor's entries
    std::string value, detail;
    std::optional<Health> health;  // of one that has been up
    std::string passed;
  };

  Task<> watch_once();
  Task<> follow_events(docker::Source<docker::Event>& events);
  void take_signal(const docker::Event& event);
  Task<> list_regularly();
  Task<> list();
  Task<> recall();
  void keep_inherited();
  Task<> look_as_asked();
  Task<> look(std::string id);
  Task<std::optional<Target>> inspect(std::string id);
  void ask_to_look(const std::string& id, bool urgent);
  bool is_ours(const docker::Labels& labels) const;
  void watch(Target target);
  void withdraw(const EndpointTable::Holder& holder, std::string_view why);
  void publish(const ContainerWatch& watch);
  void restart_if_dead(const ContainerWatch& watch);
  Task<> restart(Target target);
  void tell_problem(const Target& target, const std::string& told_before);
  void update_metrics();

  Executor executor_;
  docker::Client& docker_;
  etcd::Client& etcd_;
  etcd::Session& session_;
  component::Metrics& metrics_;
  component::AppLog app_log_;
  Log log_;
  Options options_;
  Checks checks_;
  Prober prober_;
  EndpointTable table_;
  RestartPlan restarts_;
  std::map<std::string, std::string> problems_told_;  // by job
  net::TaskGroup probes_;
  std::map<std::string, std::shared_ptr<ContainerWatch>> watches_;  // by container
  std::deque<std::string> to_look_at_;                              // containers, each once
  net::Event looks_;                                                // there are some
  std::map<std::string, Inherited> inherited_;                      // by container
  bool recalled_ = false, listed_ = false;
};

}  // namespace deis::publisher
