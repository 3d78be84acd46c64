#pragma once
// Follows the output of every container of the platform on this host, each from where it was last
// acknowledged.

#include "core/base/log.h"
#include "core/docker/client.h"
#include "core/net/task_group.h"
#include "logspout/shipper.h"

#include <set>

namespace deis::logspout {

class Collector {
 public:
  // `positions`: acknowledged times of an earlier run, by container, in ns.
  Collector(
      Executor executor,
      docker::Client& docker,
      Shipper& shipper,
      std::map<std::string, std::int64_t> positions,
      Log log);

  Task<> run();
  std::string not_ready() const { return listed_ ? "" : "the containers of this host have not been listed"; }
  // Positions worth keeping: of this run, and of the one before for containers not read from yet.
  std::map<std::string, std::int64_t> positions() const;

 private:
  Task<> watch_once();
  Task<> follow_events(docker::Source<docker::Event>& events);
  Task<> list_regularly();
  Task<> list();
  void follow(const std::string& id, const Source& source);
  Task<> follow_until_end(std::string id, Source source);
  Task<bool> read_once(const std::string& id, const Source& source);

  Executor executor_;
  docker::Client& docker_;
  Shipper& shipper_;
  std::map<std::string, std::int64_t> start_;
  Log log_;
  net::TaskGroup followers_;
  std::set<std::string> followed_, finished_;
  bool listed_ = false;
};

}  // namespace deis::logspout
