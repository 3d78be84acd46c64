// deis-publisher: see publisher.h.

#include "core/component/announcer.h"
#include "core/component/app_log.h"
#include "core/component/directory.h"
#include "core/component/runtime.h"
#include "publisher/publisher.h"
#include "publisher/running_feed.h"

#include <cstdlib>

namespace deis::publisher {
namespace {

using namespace std::chrono_literals;

net::Endpoint engine() {
  const char* chosen = std::getenv("DEIS_PUBLISHER_ENGINE");
  return chosen ? net::Endpoint::parse(chosen) : net::Endpoint::unix_socket("/var/run/docker.sock");
}

int run(component::RuntimeOptions options) {
  component::Runtime runtime(options);
  docker::Client docker(runtime.executor(), engine());
  // Endpoints live on for a while when we stop: a restart of ours must not take the apps off the air.
  etcd::Session endpoints(runtime.executor(), runtime.etcd(), 20s, runtime.log());
  etcd::Session presence(runtime.executor(), runtime.etcd(), 10s, runtime.log());

  Publisher::Options publishing;
  publishing.host_id = options.host_id;
  Publisher publisher(
      runtime.executor(),
      docker,
      runtime.etcd(),
      endpoints,
      runtime.metrics(),
      component::AppLog::to_standard_output(),
      runtime.log(),
      publishing);
  RunningFeed feed(runtime.executor(), docker, publishing.role, runtime.log());
  component::Announcer announcer(
      presence,
      component::announce_key("publisher", options.host_id),
      component::announce_value(runtime.admin_endpoint()),
      [&](Deadline) -> Task<bool> { co_return publisher.not_ready().empty(); },
      runtime.log());

  runtime.add("endpoints", [&] { return endpoints.run(etcd::Session::AtStop::leave); });
  runtime.add("presence", [&] { return presence.run(etcd::Session::AtStop::revoke); });
  runtime.handle(
      "GET", "/running", [&feed](net::Request) -> Task<net::Reply> { co_return feed.subscribe(); });
  runtime.add("feed", [&] { return feed.run(); });
  runtime.add("publisher", [&] { return publisher.run(); });
  runtime.add("policies", [&] { return publisher.follow_policies(); });
  runtime.add("announcer", [&] { return announcer.run(); });
  runtime.ready_when("containers", [&] { return publisher.not_ready(); });
  return runtime.run();
}

}  // namespace
}  // namespace deis::publisher

int main() {
  return deis::component::run_daemon("publisher", 8007, deis::publisher::run);
}
