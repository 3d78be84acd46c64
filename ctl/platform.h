#pragma once
// The platform as deisctl reaches it: the Engine, etcd, and the components as Swarm services on one and
// entries in the other. Commands (commands.h) are made of these operations.

#include "core/docker/client.h"
#include "core/etcd/client.h"
#include "ctl/component.h"
#include "ctl/service_spec.h"

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace deis::ctl {

struct Options {
  net::Endpoint docker = net::Endpoint::unix_socket("/var/run/docker.sock");
  net::Endpoint etcd = net::Endpoint::tcp("127.0.0.1", 2379);
  std::filesystem::path data_root;  // empty: where the installed platform has it, else /var/lib/deis
  std::filesystem::path images;     // manifest; empty: <data root>/images
  std::string log_level = "info";
  std::string app_subnet = "172.30.0.0/16";  // of the network deis-apps
  std::chrono::seconds wait{120};            // for a component to be ready
};

using Leases = std::set<etcd::LeaseId>;

// What is seen of a component at one moment.
struct Sighting {
  std::optional<docker::Service> service;
  std::vector<docker::TaskInfo> tasks;                   // newest first
  std::optional<std::vector<etcd::KeyValue>> announced;  // /deis/<component>/hosts/*; nullopt: etcd is away
  std::vector<etcd::KeyValue> problems;  // /deis/<component>/problems/*: settings it does not go by
};

class Platform {
 public:
  Platform(Executor executor, Options options);

  const Options& options() const { return options_; }
  docker::Client& docker() { return docker_; }
  etcd::Client& etcd() { return etcd_; }
  // For one request; what waits for a component has options().wait.
  static Deadline soon() { return in(std::chrono::seconds(15)); }

  Task<Sighting> look(Component component);
  // Under which the component is announced now; none while etcd is away.
  Task<Leases> announced_leases(Component component);

  // Settles options().data_root, which must be done before apply(). Error{conflict} when another is wished
  // for than the installed platform has.
  Task<> find_data_root();
  // Error{not_found} when it is not installed.
  Task<docker::Service> installed(Component component);
  // Makes the Swarm service equal to its specification. False when it was already.
  Task<bool> apply(Component component, std::string image, int replicas);
  // The same image with another number of replicas.
  Task<> set_replicas(Component component, int replicas);

  // Until the component announces itself under another lease than `predecessors`: a process that was replaced
  // may stay announced for a while (etcd: until it answers). Error{timeout} with what is known about the
  // reason.
  Task<> wait_ready(Component component, Leases predecessors);
  // Until none of its tasks runs.
  Task<> wait_stopped(Component component);

  // The component's newest container; nullopt when there is none.
  Task<std::optional<docker::ContainerSummary>> newest_container(Component component);
  Task<std::string> last_lines(Component component, int count);

 private:
  docker::ServiceSpec spec(const Component& component, std::string image, int replicas) const;
  Task<std::vector<docker::ContainerSummary>> containers_of(Component component);  // newest first
  Task<std::vector<docker::TaskInfo>> tasks_of(Component component);               // newest first
  Task<bool> ready(Component component, const Leases& predecessors);
  Task<std::string> why_not_ready(Component component);

  Options options_;
  docker::Client docker_;
  etcd::Client etcd_;
};

// Pure: one line about the newest task that did not go well; empty when there is none.
std::string last_failure(const std::vector<docker::TaskInfo>& newest_first);

}  // namespace deis::ctl
