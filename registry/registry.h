#pragma once
// The life of the registry: find the volume, render the configuration, keep docker-registry running, announce
// it, and stop it for the time of a garbage collection. See README.md.

#include "core/component/announcer.h"
#include "core/component/settings.h"
#include "core/component/supervisor.h"
#include "core/net/event.h"
#include "core/net/http_server.h"
#include "core/net/offload.h"
#include "core/net/task_group.h"
#include "registry/config.h"

#include <filesystem>
#include <memory>
#include <string>

namespace deis::registry {

class Registry {
 public:
  // `settings`: of /deis/registry/. All references must outlive the object.
  Registry(
      Executor executor,
      etcd::Client& etcd,
      etcd::Session& session,
      component::Settings& settings,
      net::WorkerPool& workers,
      std::string host_id,
      Log log);

  Task<> run();  // until cancelled; the server is stopped then
  // Why nobody can pull or push; "" when they can.
  std::string trouble() const;

  // Removes the blobs to which no manifest refers any more; the server is away for that time. Answers 200 and
  // how many there were, 409 while a push may be under way, 503 when there is no server yet.
  Task<net::Reply> collect(net::Request request);

 private:
  struct Collection {
    int status;  // as in HTTP
    std::string text;
  };

  Task<> prepare();
  void write_files();
  Task<> serve_until_collection();
  Task<> end_when_asked(net::TaskGroup& group);
  Task<Collection> collect_garbage();
  Task<Collection> run_collector();
  Task<std::string> find_push();
  Task<> wait_until_up();
  process::Command command(std::string verb) const;

  std::filesystem::path config_file() const { return volume_ / "config.yml"; }

  Executor executor_;
  etcd::Client& etcd_;
  etcd::Session& session_;
  component::Settings& settings_;
  net::WorkerPool& workers_;
  std::string host_id_;
  Log log_;
  std::filesystem::path volume_;
  Config config_;
  std::unique_ptr<component::Announcer> announcer_;
  std::string trouble_ = "waiting for the settings";
  bool asked_ = true;  // for a collection; one at the start, because a deletion may have come before a crash
  std::uint64_t collections_ = 0;
  Collection last_{};
  net::Event ask_, done_;
};

}  // namespace deis::registry
