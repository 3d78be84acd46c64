#include "publisher/publisher.h"

#include "core/base/error.h"
#include "core/json/json.h"
#include "core/net/backoff.h"
#include "core/net/http_client.h"

#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>

namespace deis::publisher {

using namespace std::chrono_literals;

namespace {

struct WireEndpoint {
  std::string host_id, container;
};
BOOST_DESCRIBE_STRUCT(WireEndpoint, (), (host_id, container))

constexpr auto kDockerLimit = 10s, kEtcdLimit = 5s, kConnectLimit = 1s;

bool is_end(const std::string& action) {
  return action == "die" || action == "stop" || action == "destroy" || action == "pause";
}

}  // namespace

Publisher::Publisher(
    Executor executor,
    docker::Client& docker,
    etcd::Client& etcd,
    etcd::Session& session,
    component::Metrics& metrics,
    Log log,
    Options options)
    : executor_(executor),
      docker_(docker),
      etcd_(etcd),
      session_(session),
      metrics_(metrics),
      log_(log),
      options_(std::move(options)),
      probes_(executor) {}

Task<> Publisher::run() {
  net::Backoff backoff;
  std::exception_ptr end;
  while (!end) {
    std::string problem;
    try {
      co_await watch_once();
      problem = "the event stream ended";
    } catch (const Error& error) {
      problem = error.what();
      if (error.code() == ErrorCode::canceled) end = std::current_exception();
    }
    listed_ = false;
    if (end) break;
    log_.warning("Docker Engine is away, trying again", {{"error", problem}});
    try {
      co_await net::sleep_for(backoff.next());
    } catch (...) {
      end = std::current_exception();
    }
  }
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  for (const auto& [id, tracked] : tracked_) tracked->gone = true;
  probes_.cancel();
  co_await probes_.join();
  std::rethrow_exception(end);
}

// Events first, then the listing: nothing that happens in between is missed.
Task<> Publisher::watch_once() {
  std::vector<std::string> types(1, "container");
  std::unique_ptr<docker::Source<docker::Event>> events =
      co_await docker_.events(std::move(types), in(kDockerLimit));
  net::TaskGroup group(executor_);
  group.spawn(follow_events(*events));
  group.spawn(list_regularly());
  co_await group.join();
}

Task<> Publisher::follow_events(docker::Source<docker::Event>& events) {
  for (;;) {
    std::optional<docker::Event> event = co_await events.next(Deadline::max());
    if (!event) throw Error(ErrorCode::unavailable, "Docker's event stream ended");
    const auto role = event->attributes.find("deis.role");
    if (role == event->attributes.end() || role->second != "app") continue;
    if (event->action == "start" || event->action == "unpause") {
      co_await track(event->id);
    } else if (event->action == "kill") {
      take_signal(event->id, event->attributes["signal"]);
    } else if (is_end(event->action)) {
      forget(event->id);
      stopping_.erase(event->id);
    }
  }
}

// Docker tells of a signal before it is sent: from then on the container gets no new requests, and it is not
// published again however long it takes to end.
void Publisher::take_signal(const std::string& id, const std::string& signal) {
  const auto found = tracked_.find(id);
  const int stop_signal = found == tracked_.end() ? 0 : found->second->target.stop_signal;
  if (!ends_container(signal, stop_signal)) return;
  stopping_.insert(id);
  forget(id);
}

Task<> Publisher::list_regularly() {
  for (;;) {
    co_await list();
    if (!cleaned_) {
      co_await erase_leftovers();
      cleaned_ = true;
    }
    listed_ = true;
    co_await net::sleep_for(options_.list_interval);
  }
}

Task<> Publisher::list() {
  std::vector<std::string> labels(1, "deis.role=app");
  const std::vector<docker::ContainerSummary> containers =
      co_await docker_.containers(false, std::move(labels), in(kDockerLimit));
  std::set<std::string> running;
  for (const auto& container : containers) {
    if (container.state == "running") running.insert(container.id);
  }
  std::vector<std::string> ended;
  for (const auto& [id, tracked] : tracked_) {
    if (!running.contains(id)) ended.push_back(id);
  }
  for (const std::string& id : ended) forget(id);
  std::erase_if(stopping_, [&running](const std::string& id) { return !running.contains(id); });
  for (const std::string& id : running) co_await track(id);
  metrics_.set(
      "deis_publisher_containers",
      "App containers of this host that get traffic or will",
      static_cast<double>(tracked_.size()));
}

Task<> Publisher::track(std::string id) {
  if (tracked_.contains(id) || stopping_.contains(id)) co_return;
  std::optional<Target> target;
  try {
    const docker::ContainerDetails details = co_await docker_.inspect_container(id, in(kDockerLimit));
    if (!details.running) co_return;
    target = target_of(details, options_.network);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::not_found) co_return;  // gone already
    if (error.code() != ErrorCode::invalid) throw;
    log_.warning("a container's labels cannot be read", {{"container", id}, {"error", error.what()}});
  }
  if (!target || tracked_.contains(id) || stopping_.contains(id)) co_return;
  auto tracked =
      std::make_shared<Tracked>(Tracked{.target = std::move(*target), .state = ProbeState(options_.probes)});
  // One job has one container: the newer one replaces what is published under the name.
  tracked_[id] = tracked;
  probes_.spawn(probe_until_gone(tracked));
}

void Publisher::forget(const std::string& id) {
  const auto found = tracked_.find(id);
  if (found == tracked_.end()) return;
  const std::shared_ptr<Tracked> tracked = found->second;
  tracked->gone = true;
  tracked_.erase(found);
  const std::string key = tracked->target.key();
  for (const auto& [other_id, other] : tracked_) {
    if (other->target.key() == key) return;  // its successor has the key now
  }
  session_.unset(key);
  log_.info("endpoint withdrawn", {{"job", tracked->target.job.str()}, {"container", id}});
}

// What an earlier run left in etcd and no container of this host stands behind any more. A restarted Docker
// uses addresses again, so such an entry would send one app's visitors to another.
Task<> Publisher::erase_leftovers() {
  const etcd::Range range = co_await etcd_.list("/deis/services/", in(kEtcdLimit));
  for (const etcd::KeyValue& entry : range.entries) {
    WireEndpoint wire;
    try {
      wire = json::from<WireEndpoint>(json::parse(entry.value));
    } catch (const Error&) {
      continue;  // not ours to judge
    }
    if (wire.host_id != options_.host_id || tracked_.contains(wire.container)) continue;
    co_await etcd_.erase(entry.key, in(kEtcdLimit));
    log_.info("stale endpoint erased", {{"key", entry.key}});
  }
}

Task<> Publisher::probe_until_gone(std::shared_ptr<Tracked> tracked) {
  if (tracked->target.initial_delay > 0s) {
    publish(*tracked);
    co_await net::sleep_for(tracked->target.initial_delay);
  }
  while (!tracked->gone) {
    std::string failure = co_await probe(tracked->target);
    if (tracked->gone) co_return;
    const Health before = tracked->state.health();
    const auto wait = tracked->state.take(failure);
    publish(*tracked);
    if (before != tracked->state.health()) {
      log_.info(
          "endpoint changes state",
          {{"job", tracked->target.job.str()},
           {"state", name_of(tracked->state.health())},
           {"detail", tracked->state.detail()}});
    }
    co_await net::sleep_for(wait);
  }
}

// "" when the container takes requests, else why not.
Task<std::string> Publisher::probe(Target target) {
  if (!target.problem.empty()) co_return target.problem;
  const net::Endpoint endpoint = net::Endpoint::tcp(target.address, target.port);
  std::string failure;
  try {
    if (!target.http) {
      co_await net::connect(endpoint, in(kConnectLimit));
      co_return "";
    }
    net::HttpClient client(executor_, endpoint);
    net::Request request;
    request.target = target.http->path;
    request.headers.set("Connection", "close");
    const net::Response response = co_await client.send(std::move(request), in(target.http->timeout));
    if (response.status == 200) co_return "";
    failure = fmt::format("health check {} got '{}', expected '200'", target.http->path, response.status);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::canceled) throw;
    failure = fmt::format("port {}: {}", target.port, error.what());
  }
  co_return failure;
}

void Publisher::publish(const Tracked& tracked) {
  session_.set(
      tracked.target.key(),
      tracked.target.value(options_.host_id, name_of(tracked.state.health()), tracked.state.detail()));
}

std::string Publisher::not_ready() const {
  return listed_ ? "" : "the containers of this host have not been listed";
}

}  // namespace deis::publisher
