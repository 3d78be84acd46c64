#pragma once
// Docker Engine API over its unix socket (or TCP), version negotiated through /_ping. Engine away or 5xx:
// Error{unavailable}; 404: not_found; 409: conflict; 400: invalid; the Engine's own message is kept. Loop
// thread only.

#include "core/docker/types.h"
#include "core/net/http_client.h"

#include <memory>
#include <vector>

namespace deis::docker {

template <typename T>
class Source {  // a live sequence; nullopt at its end
 public:
  virtual ~Source() = default;
  // Throws Error{timeout} when nothing arrives until the deadline.
  virtual Task<std::optional<T>> next(Deadline deadline) = 0;
};

struct LogOptions {
  bool follow = false;
  bool timestamps = true;
  std::string since;  // "<seconds>.<nanos>", empty: from the beginning
  int tail = -1;      // -1: all
};

struct BuildOptions {
  std::string tag;
  std::map<std::string, std::string> build_args;
  Labels labels;
  std::int64_t memory_bytes = 0;
  std::int64_t cpu_quota = 0, cpu_period = 0;
  bool pull = false;
};

struct ExecResult {
  int exit_code = 0;
  std::string output;
};

class Client {
 public:
  Client(Executor executor, net::Endpoint engine);
  ~Client();

  Task<> ping(Deadline deadline);
  Task<std::string> api_version(Deadline deadline);

  // Containers
  Task<std::vector<ContainerSummary>> containers(
      bool all, std::vector<std::string> label_filters, Deadline deadline);
  Task<ContainerDetails> inspect_container(std::string id, Deadline deadline);
  Task<std::string> create_container(
      std::string name, ContainerSpec spec, Deadline deadline);  // returns the id
  Task<> start_container(std::string id, Deadline deadline);
  Task<> stop_container(std::string id, std::chrono::seconds grace, Deadline deadline);
  Task<> kill_container(std::string id, std::string signal, Deadline deadline);
  Task<int> wait_container(std::string id, Deadline deadline);  // exit code
  Task<> remove_container(std::string id, bool force, Deadline deadline);
  Task<std::unique_ptr<Source<LogPiece>>> logs(
      std::string id, LogOptions options, bool tty, Deadline deadline);
  Task<> resize_container(std::string id, int rows, int columns, Deadline deadline);  // of its TTY
  // Hijacked stream: raw for a TTY, else frames (demultiplex with LogDemux). No key sequence detaches.
  Task<net::Upgraded> attach(std::string id, bool with_stdin, Deadline deadline);

  // Images
  Task<std::unique_ptr<Source<Progress>>> build(
      net::BodySource context_tar, BuildOptions options, Deadline deadline);
  Task<std::unique_ptr<Source<Progress>>> push(std::string repository, std::string tag, Deadline deadline);
  Task<std::unique_ptr<Source<Progress>>> pull(std::string repository, std::string tag, Deadline deadline);
  Task<std::vector<ImageSummary>> images(std::vector<std::string> reference_filters, Deadline deadline);
  Task<bool> image_exists(std::string reference, Deadline deadline);
  Task<std::vector<int>> image_exposed_ports(std::string reference, Deadline deadline);
  Task<> tag_image(std::string source, std::string repository, std::string tag, Deadline deadline);
  Task<> remove_image(std::string reference, bool force, Deadline deadline);

  // Events of this engine from now on ("container": create start die stop kill destroy ...).
  Task<std::unique_ptr<Source<Event>>> events(std::vector<std::string> types, Deadline deadline);

  // Swarm
  Task<bool> swarm_active(Deadline deadline);
  Task<std::string> host_name(Deadline deadline);  // of the Engine's machine
  Task<std::string> data_root(Deadline deadline);  // the Engine's directory on that machine
  Task<> swarm_init(std::string listen, std::string advertise, Deadline deadline);
  Task<std::string> create_service(ServiceSpec spec, Deadline deadline);
  // Replaces the whole spec; `version` is what services() or service() showed (conflict when it moved on).
  Task<> update_service(std::string id, std::uint64_t version, ServiceSpec spec, Deadline deadline);
  // Another number of replicas, everything else as it is.
  Task<> scale_service(std::string id_or_name, int replicas, Deadline deadline);
  // Has Swarm replace the running tasks by new ones of the same spec.
  Task<> replace_tasks(std::string id_or_name, Deadline deadline);
  Task<std::optional<Service>> service(std::string id_or_name, Deadline deadline);
  Task<std::vector<Service>> services(std::vector<std::string> label_filters, Deadline deadline);
  Task<> remove_service(std::string id, Deadline deadline);  // absent is fine
  Task<std::vector<TaskInfo>> tasks(
      std::vector<std::string> filters,
      Deadline deadline);  // "label=deis.app=x", "service=id", "desired-state=running"
  Task<std::vector<Node>> nodes(Deadline deadline);
  Task<std::optional<Network>> network(std::string name, Deadline deadline);
  // deis-apps: a bridge with inter-container traffic off (a config-only network and a swarm-scoped one made
  // from it).
  Task<> create_app_network(std::string name, std::string subnet, Deadline deadline);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace deis::docker
