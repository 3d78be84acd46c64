#pragma once
// What every daemon shares. main() builds a Runtime, adds its parts, and calls run(): until SIGTERM, then
// joins all.
//   GET /healthz (the process works), /readyz (its dependencies do; says which does not), /metrics
//   (Prometheus text)
// are served on the admin address of the options.

#include "core/base/log.h"
#include "core/component/metrics.h"
#include "core/etcd/client.h"
#include "core/net/http_server.h"
#include "core/net/offload.h"
#include "core/net/task_group.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace deis::component {

struct RuntimeOptions {
  std::string component;  // "publisher"
  std::string host_id;    // this machine's id in etcd keys; default its host name
  net::Endpoint etcd = net::Endpoint::tcp("127.0.0.1", 2379);
  net::Endpoint admin = net::Endpoint::tcp("127.0.0.1", 0);  // /healthz, /readyz, /metrics
  LogLevel log_level = LogLevel::info;
  std::chrono::seconds stop_limit{
      25};  // all parts must have ended by then; else the process ends without them
};

// From DEIS_ETCD (http://127.0.0.1:2379), DEIS_HOST_ID (host name), DEIS_LOG_LEVEL (info), DEIS_ADMIN_PORT
// (the component's own, ARCHITECTURE.md §6). Throws Error{invalid} naming the variable.
RuntimeOptions options_from_environment(std::string component, std::uint16_t admin_port);

class Runtime {
 public:
  explicit Runtime(RuntimeOptions options);
  ~Runtime();

  Executor executor();
  etcd::Client& etcd();
  net::WorkerPool& workers();  // for blocking work
  Metrics& metrics();
  const Log& log() const;
  const RuntimeOptions& options() const;

  // A part that runs as long as the daemon does. Its failure ends the daemon with exit code 1 (Swarm restarts
  // it).
  void add(std::string name, std::function<Task<>()> run);
  // Named condition for /readyz: "" is fine, anything else is the reason it is not.
  void ready_when(std::string name, std::function<std::string()> check);
  // Further routes of the admin address; the pattern as in core/net/route_table.h, without parameters.
  void handle(std::string method, std::string path_pattern, net::HttpServer::Handler handler);
  net::Endpoint admin_endpoint() const;  // with the port that was picked
  // Runs last, after all parts were cancelled and joined (a supervised server is stopped here).
  void at_stop(std::function<Task<>()> stop);

  int run();  // exit code for main()

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// For main(): `start` builds the daemon's parts and runs them. What it throws is logged and is exit code 1.
int run_daemon(
    std::string component, std::uint16_t admin_port, const std::function<int(RuntimeOptions)>& start);

}  // namespace deis::component
