#pragma once
// Docker Engine API objects, as far as Deis uses them. Field names of our own; core/docker/*.cpp maps the
// wire.

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace deis::docker {

using Labels = std::map<std::string, std::string>;

struct Mount {
  std::string source, target;  // host path -> container path
  bool read_only = false;
};

// What runs in a container, shared by one-off containers and Swarm services.
struct ContainerSpec {
  std::string image;
  std::vector<std::string> entrypoint;  // empty: the image's
  std::vector<std::string> arguments;   // empty: the image's CMD
  std::vector<std::string> env;         // "KEY=value"
  Labels labels;                        // on the container
  std::string hostname;                 // empty: Docker's default
  std::vector<Mount> mounts;
  std::vector<std::string> capability_drop, capability_add;
  bool init = true;         // reap zombies, forward signals
  bool tty = false;         // containers only, as is open_stdin
  bool open_stdin = false;  // closed for good when the first that is attached to it ends its input
  bool no_new_privileges = false;
  bool read_only_root = false;
  std::chrono::seconds stop_grace{10};
  std::int64_t memory_bytes = 0;  // 0: no limit
  std::int64_t nano_cpus = 0;     // 0: no limit
  std::int64_t pids_limit = 0;    // 0: no limit
  std::int64_t cpu_shares = 0;    // containers only
  std::string network;            // "host", a network's name; empty: default bridge (containers only)
  std::string log_driver = "json-file";
  std::map<std::string, std::string> log_options{{"max-size", "10m"}, {"max-file", "3"}};
};

struct ServiceSpec {
  std::string name;  // Swarm's rule: 1-63 letters, digits, - _, no dot
  Labels labels;     // on the service
  ContainerSpec container;
  int replicas = 1;
  bool global = false;  // one task per node instead of replicas
  std::chrono::milliseconds restart_delay{1000};
  std::vector<std::string> constraints;  // "node.labels.x==y"
  std::uint64_t force_update = 0;        // raise it to have tasks replaced
  enum class UpdateOrder { stop_first, start_first };
  UpdateOrder update_order = UpdateOrder::stop_first;
};

struct Service {
  std::string id, name;
  std::uint64_t version = 0;  // for updates
  Labels labels;
  std::string image;
  int replicas = 0;
  bool global = false;
  std::uint64_t force_update = 0;
};

struct TaskInfo {
  std::string id, service_id, node_id, container_id;
  int slot = 0;
  std::string state;  // new pending assigned accepted preparing ready starting running complete shutdown
                      // failed rejected orphaned remove
  std::string desired_state;  // running, shutdown, remove ...
  std::string message, error;
  int exit_code = 0;
  std::uint64_t force_update = 0;  // of the service when the task was made
  std::string created_at;          // RFC 3339
  std::string updated_at;
};

struct ContainerSummary {
  std::string id, name;  // name without the leading slash
  std::string image;
  std::string state;  // created running paused restarting removing exited dead
  Labels labels;
  std::map<std::string, std::string> network_addresses;  // network name -> IPv4
};

struct ContainerDetails {
  std::string id, name, image;
  Labels labels;
  std::vector<std::string> env;
  std::vector<int> exposed_tcp_ports;                    // sorted
  std::map<std::string, std::string> network_addresses;  // network name -> IPv4
  bool running = false, paused = false, oom_killed = false, tty = false;
  int exit_code = 0;
  int pid = 0;
  std::string stop_signal;                         // as configured, "SIGQUIT" or "3"; "" is SIGTERM
  std::optional<std::chrono::seconds> stop_grace;  // until SIGKILL; nullopt: Docker's default, or a service's
  std::string started_at, finished_at, error;
  std::int64_t restart_count = 0;
};

struct ImageSummary {
  std::string id;
  std::vector<std::string> tags;
  Labels labels;
};

struct Node {
  std::string id, hostname, state, availability, address;
  bool manager = false, leader = false;
  Labels labels;
};

struct Network {
  std::string id, name, driver, scope;
};

struct Event {
  std::string type, action;  // "container" "start"
  std::string id;
  Labels attributes;  // name, image, labels, exitCode
  std::int64_t time_nano = 0;
};

// One piece of container output. Docker's frames are demultiplexed (8-byte header) unless the container has a
// TTY.
struct LogPiece {
  enum class Stream { out, err };
  Stream stream = Stream::out;
  std::string data;  // may hold several lines or part of one; with timestamps=true each line starts with RFC
                     // 3339 nanos and a blank
};

// One line of a build or push, in order.
struct Progress {
  std::string text;      // "stream" of a build, or "status" of a push/pull with id and progress
  std::string error;     // not empty: the operation failed with this
  std::string image_id;  // of a finished build ("aux")
};

}  // namespace deis::docker
