#include "controller/scheduler/cluster_view.h"

#include "core/base/error.h"
#include "core/json/json.h"
#include "core/net/task_group.h"

namespace deis::controller {
namespace {

struct EndpointValue {
  std::string container, service, address, state, detail;
  int port = 0, attempts = 0;
};
BOOST_DESCRIBE_STRUCT(EndpointValue, (), (container, service, address, state, detail, port, attempts))

struct RouterValue {
  std::string address;
  etcd::Revision revision = 0;
};
BOOST_DESCRIBE_STRUCT(RouterValue, (), (address, revision))

}  // namespace

PublishedEndpoint read_endpoint(const etcd::KeyValue& entry) {
  const auto value = json::from<EndpointValue>(json::parse(entry.value));
  return PublishedEndpoint{
      .container = value.container,
      .service = value.service,
      .address = value.address + ":" + std::to_string(value.port),
      .state = value.state,
      .detail = value.detail,
      .attempts = value.attempts,
      .revision = entry.mod_revision};
}

RouterHost read_router(const etcd::KeyValue& entry) {
  const auto value = json::from<RouterValue>(json::parse(entry.value));
  return RouterHost{.admin = net::Endpoint::parse(value.address), .revision = value.revision};
}

std::optional<JobName> job_of_key(const std::string& key) {
  if (!key.starts_with(kServicesPrefix)) return std::nullopt;
  try {
    return JobName::parse(key.substr(key.rfind('/') + 1));
  } catch (const Error&) {
    return std::nullopt;
  }
}

Task<std::map<JobName, PublishedEndpoint>> list_endpoints(etcd::Client& etcd, Deadline deadline) {
  const auto range = co_await etcd.list(kServicesPrefix, deadline);
  std::map<JobName, PublishedEndpoint> endpoints;
  for (const auto& entry : range.entries) {
    const auto job = job_of_key(entry.key);
    if (!job) continue;
    try {
      endpoints.emplace(*job, read_endpoint(entry));
    } catch (const Error&) {  // no endpoint to anybody
    }
  }
  co_return endpoints;
}

ClusterView::ClusterView(Executor executor, etcd::Client& etcd, Log log)
    : executor_(executor),
      endpoint_mirror_(etcd, kServicesPrefix, log),
      router_mirror_(etcd, kRoutersPrefix, log),
      log_(log),
      changed_(executor) {}

const PublishedEndpoint* ClusterView::endpoint(const JobName& job) const {
  const auto found = endpoints_.find(job);
  return found == endpoints_.end() ? nullptr : &found->second;
}

bool ClusterView::has_endpoints(const AppId& app) const {
  for (const auto& [job, unused] : endpoints_) {
    if (job.app == app) return true;
  }
  return false;
}

Task<> ClusterView::run() {
  net::TaskGroup group(executor_);
  group.spawn(follow_endpoints());
  group.spawn(follow_routers());
  co_await group.join();
}

Task<> ClusterView::follow_endpoints() {
  const etcd::Mirror::OnUpdate take_over = [this](const etcd::MirrorUpdate& update) -> Task<> {
    for (const auto& change : update.changes) {
      if (const auto job = job_of_key(change.entry.key)) take_over_endpoint(*job, change);
    }
    changed_.notify();
    co_return;
  };
  co_await endpoint_mirror_.run(take_over);
}

void ClusterView::take_over_endpoint(const JobName& job, const etcd::Change& change) {
  endpoints_.erase(job);  // an entry that cannot be read is no endpoint
  if (!change.deleted) {
    try {
      endpoints_.emplace(job, read_endpoint(change.entry));
    } catch (const Error& error) {
      log_.warning("an endpoint cannot be read", {{"key", change.entry.key}, {"why", error.what()}});
    }
  }
  if (observer_) observer_(job, endpoint(job));
}

Task<> ClusterView::follow_routers() {
  const etcd::Mirror::OnUpdate take_over = [this](const etcd::MirrorUpdate& update) -> Task<> {
    for (const auto& change : update.changes) {
      const std::string id = change.entry.key.substr(std::string_view(kRoutersPrefix).size());
      if (change.deleted) {
        routers_.erase(id);
        continue;
      }
      try {
        routers_[id] = read_router(change.entry);
      } catch (const Error& error) {
        // It stays as it was: a router that cannot be understood must not be taken for one that is gone.
        log_.warning(
            "a router's announcement cannot be read", {{"key", change.entry.key}, {"why", error.what()}});
      }
    }
    changed_.notify();
    co_return;
  };
  co_await router_mirror_.run(take_over);
}

}  // namespace deis::controller
