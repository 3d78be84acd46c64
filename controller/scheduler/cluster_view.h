#pragma once
// What publishers and routers say in etcd, as the scheduler sees it: endpoints of app containers and the
// routing revision that each live router has applied. Follows etcd; whoever waits for something waits on
// changed().

#include "core/base/log.h"
#include "core/base/names.h"
#include "core/etcd/mirror.h"
#include "core/net/event.h"

#include <functional>
#include <map>
#include <optional>
#include <string>

namespace deis::controller {

// /deis/services/<app>/<job>, written by the publisher.
struct PublishedEndpoint {
  std::string container;  // id
  std::string service;    // id, as Engine::create() told it; "" of a container that is of none
  std::string address;    // "172.30.0.5:5000"
  std::string state;      // starting, up, failing
  std::string detail;     // last probe result
  int attempts = 0;       // HTTP health checks that it answered wrongly while starting; counted up to 4
  etcd::Revision revision = 0;
  bool is_up() const { return state == "up"; }
};
// Throws Error{invalid}.
PublishedEndpoint read_endpoint(const etcd::KeyValue& entry);

// /deis/router/hosts/<id>, written by the router.
struct RouterHost {
  net::Endpoint admin;
  etcd::Revision revision = 0;  // of etcd, applied in nginx
};
RouterHost read_router(const etcd::KeyValue& entry);

inline constexpr auto kServicesPrefix = "/deis/services/";
inline constexpr auto kRoutersPrefix = "/deis/router/hosts/";

// The job that a key under kServicesPrefix is about; nullopt for a key that is none.
std::optional<JobName> job_of_key(const std::string& key);

// All endpoints as they are now.
Task<std::map<JobName, PublishedEndpoint>> list_endpoints(etcd::Client& etcd, Deadline deadline);

class ClusterView {
 public:
  ClusterView(Executor executor, etcd::Client& etcd, Log log);

  const PublishedEndpoint* endpoint(const JobName& job) const;  // nullptr when there is none
  bool has_endpoints(const AppId& app) const;
  const std::map<std::string, RouterHost>& routers() const { return routers_; }

  // Called with every change of an endpoint, nullptr when it was taken back.
  using OnEndpoint = std::function<void(const JobName&, const PublishedEndpoint*)>;
  void observe(OnEndpoint observer) { observer_ = std::move(observer); }

  // Notified by every change; others that know of news notify it too, so that waiters have one thing to wait
  // on.
  net::Event& changed() { return changed_; }

  Task<> run();

 private:
  Task<> follow_endpoints();
  void take_over_endpoint(const JobName& job, const etcd::Change& change);
  Task<> follow_routers();

  Executor executor_;
  etcd::Mirror endpoint_mirror_, router_mirror_;
  Log log_;
  net::Event changed_;
  std::map<JobName, PublishedEndpoint> endpoints_;
  std::map<std::string, RouterHost> routers_;
  OnEndpoint observer_;
};

}  // namespace deis::controller
