#include "publisher/publisher.h"

#include "core/base/error.h"
#include "core/json/json.h"
#include "core/net/backoff.h"
#include "publisher/probe.h"

#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>

namespace deis::publisher {

using namespace std::chrono_literals;

namespace {

struct WireEndpoint {
  std::string host_id, container, state;
  std::optional<std::string> passed;
};
BOOST_DESCRIBE_STRUCT(WireEndpoint, (), (host_id, container, state, passed))

constexpr auto kDockerLimit = 10s, kEtcdLimit = 5s;
constexpr std::string_view kAppsPrefix = "/deis/apps/", kServicesPrefix = "/deis/services/";

// nullopt: not ours to judge.
std::optional<WireEndpoint> read_endpoint(const etcd::KeyValue& entry) {
  try {
    return json::from<WireEndpoint>(json::parse(entry.value));
  } catch (const Error&) {
    return std::nullopt;
  }
}

component::HealthChecks read_checks(const std::string& entry) {
  const json::value document = json::parse(entry);
  if (!document.is_object()) throw Error(ErrorCode::invalid, "it is no object");
  return component::read_policy(document.get_object()).healthchecks;
}

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
      probes_(executor),
      policies_mirror_(etcd, std::string(kAppsPrefix), log),
      policies_read_(executor) {}

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
    if (role == event->attributes.end() || role->second != options_.role) continue;
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
  if (!recalled_) co_await recall();
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
  std::vector<std::string> labels(1, "deis.role=" + options_.role);
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
    target = target_of(details, options_.role, options_.network);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::not_found) co_return;  // gone already
    if (error.code() != ErrorCode::invalid) throw;
    log_.warning("a container's labels cannot be read", {{"container", id}, {"error", error.what()}});
  }
  if (!target || tracked_.contains(id) || stopping_.contains(id)) co_return;
  auto tracked = std::make_shared<Tracked>(executor_, std::move(*target));
  if (const auto before = was_up_.find(id); before != was_up_.end()) {
    tracked->state.resume();
    tracked->passed = before->second;
  }
  // One job has one container: the newer one replaces what is published under the name.
  tracked_[id] = tracked;
  probes_.spawn(probe_until_gone(tracked));
}

void Publisher::forget(const std::string& id) {
  const auto found = tracked_.find(id);
  if (found == tracked_.end()) return;
  const std::shared_ptr<Tracked> tracked = found->second;
  tracked->gone = true;
  tracked->wake.notify();
  tracked_.erase(found);
  const std::string key = tracked->target.key();
  for (const auto& [other_id, other] : tracked_) {
    if (other->target.key() == key) return;  // its successor has the key now
  }
  session_.unset(key);
  log_.info("endpoint withdrawn", {{"job", tracked->target.job.str()}, {"container", id}});
}

// Who served before we were restarted has to fail to be taken out of service, as if we had always been here.
Task<> Publisher::recall() {
  const etcd::Range range = co_await etcd_.list(std::string(kServicesPrefix), in(kEtcdLimit));
  for (const etcd::KeyValue& entry : range.entries) {
    const auto wire = read_endpoint(entry);
    if (wire && wire->host_id == options_.host_id && wire->state == "up")
      was_up_.emplace(wire->container, wire->passed);
  }
  recalled_ = true;
}

// What an earlier run left in etcd and no container of this host stands behind any more. A restarted Docker
// uses addresses again, so such an entry would send one app's visitors to another.
Task<> Publisher::erase_leftovers() {
  const etcd::Range range = co_await etcd_.list(std::string(kServicesPrefix), in(kEtcdLimit));
  for (const etcd::KeyValue& entry : range.entries) {
    const auto wire = read_endpoint(entry);
    if (!wire || wire->host_id != options_.host_id || tracked_.contains(wire->container)) continue;
    co_await etcd_.erase(entry.key, in(kEtcdLimit));
    log_.info("stale endpoint erased", {{"key", entry.key}});
  }
}

Task<> Publisher::follow_policies() {
  const etcd::Mirror::OnUpdate take_over = [this](const etcd::MirrorUpdate& update) -> Task<> {
    for (const etcd::Change& change : update.changes) take_policy(change);
    policies_known_ = true;
    policies_read_.notify();
    co_return;
  };
  co_await policies_mirror_.run(take_over);
}

void Publisher::take_policy(const etcd::Change& change) {
  const std::string app = change.entry.key.substr(kAppsPrefix.size());
  component::HealthChecks checks;
  try {
    if (!change.deleted) checks = read_checks(change.entry.value);
  } catch (const Error& error) {
    log_.warning("an app's policy cannot be read", {{"key", change.entry.key}, {"error", error.what()}});
    return;  // the last one that could be read is in force
  }
  const auto known = policies_.find(app);
  if (known == policies_.end() ? checks.empty() : known->second == checks) return;
  policies_[app] = std::move(checks);
  for (const auto& [id, tracked] : tracked_) {
    if (tracked->target.job.app.str() == app) tracked->wake.notify();
  }
}

component::HealthCheck Publisher::check_of(const Target& target) const {
  component::HealthCheckSettings settings;
  const auto app = policies_.find(target.job.app.str());
  if (app != policies_.end()) {
    const auto chosen = app->second.find(target.job.type.str());
    if (chosen != app->second.end()) settings = chosen->second;
  }
  return component::health_check_of(settings, target.environment);
}

Task<> Publisher::probe_until_gone(std::shared_ptr<Tracked> tracked) {
  if (!tracked->target.problem.empty()) {  // and it will stay
    publish(*tracked);
    co_return;
  }
  co_await wait_for_first_probe(*tracked);
  while (!tracked->gone) {
    const auto wait = co_await probe_once(*tracked);
    if (!tracked->gone) co_await tracked->wake.wait(in(wait));
  }
}

// Until it is known how to probe the container, and its delay is over. It may be over for long: we may have
// been restarted.
Task<> Publisher::wait_for_first_probe(Tracked& tracked) {
  while (!policies_known_) co_await policies_read_.wait(Deadline::max());
  while (!tracked.gone && tracked.state.health() == Health::starting) {
    const auto left =
        tracked.target.started_at + check_of(tracked.target).delay - std::chrono::system_clock::now();
    if (left <= 0s) co_return;
    publish(tracked);
    co_await tracked.wake.wait(in(std::chrono::duration_cast<std::chrono::milliseconds>(left) + 1ms));
  }
}

Task<ProbeState::Time> Publisher::probe_once(Tracked& tracked) {
  const component::HealthCheck check = check_of(tracked.target);
  tracked.state.follow(timing_of(check));
  const ProbeResult result = co_await judge(tracked, check);
  if (tracked.gone) co_return ProbeState::Time(0);
  const Health before = tracked.state.health();
  const auto running_for = std::chrono::system_clock::now() - tracked.target.started_at - check.delay;
  const auto wait = tracked.state.take(result, std::chrono::duration_cast<ProbeState::Time>(running_for));
  publish(tracked);
  if (before != tracked.state.health()) {
    log_.info(
        "endpoint changes state",
        {{"job", tracked.target.job.str()},
         {"state", name_of(tracked.state.health())},
         {"detail", tracked.state.detail()}});
  }
  co_return wait;
}

// The check of a container that serves may change under it. One that it has never passed must not end its
// service: until it passes, it is judged by whether its port accepts connections, and people are told.
Task<ProbeResult> Publisher::judge(Tracked& tracked, component::HealthCheck check) {
  ProbeResult result = co_await probe(executor_, tracked.target, check);
  tracked.note.clear();
  if (result.failure.empty()) tracked.passed = check.path;
  if (result.failure.empty() || tracked.state.health() != Health::up || tracked.passed == check.path)
    co_return result;
  tracked.note = "does not pass its new health check: " + result.failure;
  component::HealthCheck accepts;
  accepts.timeout = check.timeout;
  co_return co_await probe(executor_, tracked.target, accepts);
}

void Publisher::publish(const Tracked& tracked) {
  Target::Verdict verdict{
      .state = name_of(tracked.state.health()),
      .detail = tracked.state.detail(),
      .attempts = tracked.state.attempts(),
      .passed = tracked.passed};
  if (!tracked.target.problem.empty()) {
    verdict.state = name_of(Health::failing);
    verdict.detail = tracked.target.problem;
  } else if (verdict.detail.empty()) {
    verdict.detail = tracked.note;
  }
  session_.set(tracked.target.key(), tracked.target.value(options_.host_id, verdict));
}

std::string Publisher::not_ready() const {
  return listed_ ? "" : "the containers of this host have not been listed";
}

}  // namespace deis::publisher
