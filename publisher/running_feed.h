#pragma once
// Tells routers which app containers of this host run, without etcd in between: while etcd is away they could
// not know otherwise that a container has ended and that its address may be another app's. Loop thread only.
//
// GET /running on the admin address answers lines of JSON for as long as the router listens:
//   {"running":["<id>", ...]}           all of them; first, and after every moment in which Docker was away
//   {"app":"shop","started":"<id>"}
//   {"app":"shop","ended":"<id>"}
//   {}                                  nothing new for 2 s

#include "core/base/log.h"
#include "core/docker/client.h"
#include "core/net/event.h"
#include "core/net/http_server.h"

#include <cstdint>
#include <deque>
#include <set>
#include <string>

namespace deis::publisher {

class RunningFeed {
 public:
  // `role`: label deis.role of the containers.
  RunningFeed(Executor executor, docker::Client& docker, std::string role, Log log);

  Task<> run();            // a part of the daemon: follows Docker; its end ends the answers
  net::Reply subscribe();  // the answer to GET /running; must not outlive this

 private:
  using Position = std::uint64_t;  // in the sequence of all lines
  Task<> follow();
  Task<> follow_once();
  void take(const docker::Event& event);
  void add_line(std::string line);
  Task<> write_to(net::BodyWriter& out);
  // The next line for a reader who is at `position` (0: at none), who is then behind it; "" when there is
  // none yet.
  std::string next_line(Position& position) const;
  std::string whole() const;

  docker::Client& docker_;
  std::string role_;
  Log log_;
  bool ended_ = false;
  bool known_ = false;             // whether running_ is what Docker has
  std::set<std::string> running_;  // containers
  std::deque<std::string> lines_;  // the last changes
  Position first_ = 1;             // of lines_; who is not as far gets everything
  net::Event news_;
};

}  // namespace deis::publisher
