#pragma once
// Listens to every publisher (GET /running, publisher/running_feed.h), so that a container that ends gets
// nothing more although etcd, which would tell it, is away. While a publisher is away, what it told last
// holds. Loop thread only.

#include "core/component/directory.h"
#include "core/component/metrics.h"
#include "core/net/backoff.h"
#include "core/net/task_group.h"
#include "router/agent.h"

#include <optional>
#include <set>
#include <string>

namespace deis::router {

// One line of a feed. Throws Error{invalid}.
ContainerNews parse_news(const std::string& host, std::string_view line);

class RunningFeeds {
 public:
  // `publishers` is run by somebody else.
  RunningFeeds(
      Executor executor,
      component::Directory& publishers,
      Agent& agent,
      component::Metrics& metrics,
      Log log);
  Task<> run();  // a part of the daemon

 private:
  Task<> find_publishers();
  std::optional<net::Endpoint> address_of(const std::string& host) const;
  Task<> follow(std::string host);
  Task<> follow_once(std::string host, net::Endpoint publisher, net::Backoff& pause);
  void count(int change);

  component::Directory& publishers_;
  Executor executor_;
  Agent& agent_;
  component::Metrics& metrics_;
  Log log_;
  std::set<std::string> followed_;  // hosts
  int connected_ = 0;
  net::TaskGroup followers_;
};

}  // namespace deis::router
