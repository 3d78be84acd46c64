#pragma once
// Listens to every publisher (GET /running, publisher/running_feed.h), so that a container that ends gets
// nothing more although etcd, which would tell it, is away. While a publisher is away, what it told last
// holds. Loop thread only.

#include "core/component/metrics.h"
#include "core/etcd/mirror.h"
#include "core/net/backoff.h"
#include "core/net/task_group.h"
#include "router/agent.h"

#include <map>
#include <set>
#include <string>

namespace deis::router {

// One line of a feed. Throws Error{invalid}.
ContainerNews parse_news(const std::string& host, std::string_view line);

class RunningFeeds {
 public:
  RunningFeeds(Executor executor, etcd::Client& etcd, Agent& agent, component::Metrics& metrics, Log log);
  Task<> run();  // a part of the daemon

 private:
  void take(const etcd::MirrorUpdate& update);
  Task<> follow(std::string host);
  Task<> follow_once(std::string host, net::Endpoint publisher, net::Backoff& pause);
  void count(int change);

  Executor executor_;
  Agent& agent_;
  component::Metrics& metrics_;
  Log log_;
  etcd::Mirror mirror_;
  std::map<std::string, net::Endpoint> publishers_;  // announced; by host id
  std::set<std::string> followed_;
  int connected_ = 0;
  net::TaskGroup followers_;
};

}  // namespace deis::router
