#include "publisher/publisher.h"

#include "core/base/error.h"
#include "core/json/json.h"
#include "core/net/backoff.h"

#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>

#include <utility>

namespace deis::publisher {

using namespace std::chrono_literals;

namespace {

struct WireEndpoint {
  std::string host_id, container, address, state, detail;
  std::optional<std::string> passed;
};
BOOST_DESCRIBE_STRUCT(WireEndpoint, (), (host_id, container, address, state, detail, passed))

constexpr auto kDockerLimit = 10s, kEtcdLimit = 5s;
constexpr auto kServicesPrefix = "/deis/services/";
constexpr std::size_t kMaxProblems = 1000;  // remembered, so that they are told once
constexpr int kLookers = 4;  // an Engine that is slow to inspect one container does not keep the others

// nullopt: not ours to judge.
std::optional<WireEndpoint> read_endpoint(const etcd::KeyValue& entry) {
  try {
    return json::from<WireEndpoint>(json::parse(entry.value));
  } catch (const Error&) {
    return std::nullopt;
  }
}

bool is_end(const std::string& action) {
  return action == "die" || action == "stop" || action == "destroy" || action == "pause";
}

EndpointTable::Holder holder_of(const Target& target) {
  return EndpointTable::Holder{
      .container = target.container,
      .key = target.key(),
      .address = target.address,
      .started_at = target.started_at};
}

}  // namespace

Publisher::Publisher(
    Executor executor,
    docker::Client& docker,
    etcd::Client& etcd,
    etcd::Session& session,
    component::Metrics& metrics,
    component::AppLog app_log,
    Log log,
    Options options)
    : executor_(executor),
      docker_(docker),
      etcd_(etcd),
      session_(session),
      metrics_(metrics),
      app_log_(std::move(app_log)),
      log_(log),
      options_(std::move(options)),
      checks_(executor, etcd, log),
      prober_(executor),
      probes_(executor),
      looks_(executor) {
  metrics_.before_text([this] { update_metrics(); });
  checks_.observe([this](const std::string& app) {
    for (const auto& [id, watch] : watches_) {
      if (watch->target().job.app.str() == app) watch->probe_now();
    }
  });
}

Task<> Publisher::follow_policies() {
  return checks_.run();
}

Task<> Publisher::run() {
  // A container that starts in a restarted Docker may have the address of one that we still publish.
  net::Backoff backoff(50ms, 500ms);
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
    const bool was_there = std::exchange(listed_, false);
    if (end) break;
    log_.warning("Docker Engine or etcd is away, trying again", {{"error", problem}});
    if (was_there) {
      backoff.reset();
      for (const auto& [id, watch] : watches_) watch->probe_now();  // nobody tells us that they have ended
    }
    try {
      co_await net::sleep_for(backoff.next());
    } catch (...) {
      end = std::current_exception();
    }
  }
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  for (const auto& [id, watch] : watches_) watch->stop();
  probes_.cancel();
  co_await probes_.join();
  std::rethrow_exception(end);
}

// Events first, then the listing, so that nothing that happens in between is missed. The listing is judged
// before any event: after a restart of Docker, or of ours, all addresses may be others.
Task<> Publisher::watch_once() {
  std::vector<std::string> types(1, "container");
  std::unique_ptr<docker::Source<docker::Event>> events =
      co_await docker_.events(std::move(types), in(kDockerLimit));
  if (!recalled_) co_await recall();
  co_await list();
  net::TaskGroup group(executor_);
  group.spawn(follow_events(*events));
  group.spawn(list_regularly());
  for (int i = 0; i < kLookers; ++i) group.spawn(look_as_asked());
  co_await group.join();
}

Task<> Publisher::follow_events(docker::Source<docker::Event>& events) {
  for (;;) {
    std::optional<docker::Event> event = co_await events.next(Deadline::max());
    if (!event) throw Error(ErrorCode::unavailable, "Docker's event stream ended");
    if (!is_ours(event->attributes)) continue;
    if (event->action == "start" || event->action == "unpause") {
      table_.started(event->id);
      ask_to_look(event->id, true);
    } else if (event->action == "kill") {
      take_signal(*event);
    } else if (is_end(event->action)) {
      if (const auto gone = table_.ended(event->id)) withdraw(*gone, event->action);
    }
  }
}

// Docker tells of a signal before it is sent: from then on the container gets no new requests, and it is not
// published again however long it takes to end.
void Publisher::take_signal(const docker::Event& event) {
  const auto watched = watches_.find(event.id);
  const int stop_signal = watched == watches_.end() ? 0 : watched->second->target().stop_signal;
  const auto signal = event.attributes.find("signal");
  if (!ends_container(signal == event.attributes.end() ? "" : signal->second, stop_signal)) return;
  if (const auto gone = table_.told_to_end(event.id)) withdraw(*gone, event.action);
}

Task<> Publisher::list_regularly() {
  for (;;) {
    co_await net::sleep_for(options_.list_interval);
    co_await list();
  }
}

Task<> Publisher::list() {
  const auto asked = table_.now();
  std::vector<std::string> labels(1, "deis.role=" + options_.role);
  const std::vector<docker::ContainerSummary> containers =
      co_await docker_.containers(false, std::move(labels), in(kDockerLimit));
  std::vector<EndpointTable::Running> running;
  for (const auto& container : containers) {
    if (container.state != "running" || !is_ours(container.labels)) continue;
    const auto address = container.network_addresses.find(options_.network);
    const bool found = address != container.network_addresses.end();
    running.push_back({.container = container.id, .address = found ? address->second : std::string()});
  }
  const auto judgement = table_.listed(running, asked);
  for (const auto& gone : judgement.gone) withdraw(gone, "listing");
  for (const std::string& id : judgement.to_look_at) ask_to_look(id, false);
  if (!listed_) keep_inherited();
  listed_ = true;
}

// What an earlier run left in etcd. Who served then has to fail to be taken out of service, as if we had
// always been here; what the first listing does not confirm is erased.
Task<> Publisher::recall() {
  const etcd::Range range = co_await etcd_.list(kServicesPrefix, in(kEtcdLimit));
  for (const etcd::KeyValue& entry : range.entries) {
    const auto wire = read_endpoint(entry);
    if (!wire || wire->host_id != options_.host_id) continue;
    session_.may_exist(entry.key);
    table_.inherit({.container = wire->container, .key = entry.key, .address = wire->address});
    const auto* holder = table_.find(wire->container);
    if (!holder || holder->key != entry.key) {
      session_.unset(entry.key);
      continue;
    }
    Inherited inherited{.value = entry.value, .detail = wire->detail, .passed = wire->passed.value_or("")};
    if (wire->state == name_of(Health::up)) inherited.health = Health::up;
    if (wire->state == name_of(Health::failing) && wire->passed) inherited.health = Health::failing;
    inherited_[wire->container] = std::move(inherited);
  }
  recalled_ = true;
}

void Publisher::keep_inherited() {
  for (const auto& [id, entry] : inherited_) {
    const auto* holder = table_.find(id);
    if (holder && !watches_.contains(id)) session_.set(holder->key, entry.value);
  }
}

bool Publisher::is_ours(const docker::Labels& labels) const {
  const auto role = labels.find("deis.role");
  const auto job = labels.find("deis.job");
  if (role == labels.end() || role->second != options_.role || job == labels.end()) return false;
  try {
    return gets_traffic(JobName::parse(job->second));
  } catch (const Error&) {
    return false;
  }
}

void Publisher::ask_to_look(const std::string& id, bool urgent) {
  std::erase(to_look_at_, id);
  urgent ? to_look_at_.push_front(id) : to_look_at_.push_back(id);
  looks_.notify();
}

Task<> Publisher::look_as_asked() {
  for (;;) {
    while (to_look_at_.empty()) co_await looks_.wait(Deadline::max());
    std::string id = std::move(to_look_at_.front());
    to_look_at_.pop_front();
    co_await look(std::move(id));
  }
}

Task<> Publisher::look(std::string id) {
  if (!table_.may_look_at(id)) co_return;
  const auto asked = table_.now();
  std::optional<Target> target;
  try {
    target = co_await inspect(id);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::canceled) throw;
    log_.warning("a container cannot be inspected", {{"container", id}, {"error", error.what()}});
    co_return;  // the next listing asks again
  }
  if (!target) {
    if (const auto gone = table_.found_ended(id, asked)) withdraw(*gone, "inspection");
    co_return;
  }
  const auto admission = table_.admit(holder_of(*target), asked);
  for (const auto& gone : admission.gone) withdraw(gone, "another container has its place");
  if (admission.held) watch(std::move(*target));
}

// nullopt: it does not run.
Task<std::optional<Target>> Publisher::inspect(std::string id) {
  try {
    const docker::ContainerDetails details = co_await docker_.inspect_container(id, in(kDockerLimit));
    if (details.running && !details.paused) co_return target_of(details, options_.role, options_.network);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::not_found) throw;
  }
  co_return std::nullopt;
}

void Publisher::watch(Target target) {
  const std::string id = target.container;
  const auto before = inherited_.extract(id);
  tell_problem(target, before ? before.mapped().detail : std::string());
  const ContainerWatch::Tell tell = [this](const ContainerWatch& watch) { publish(watch); };
  auto watch = std::make_shared<ContainerWatch>(executor_, std::move(target), checks_, prober_, tell, log_);
  if (before && before.mapped().health) watch->resume(*before.mapped().health, before.mapped().passed);
  watches_[id] = watch;
  probes_.spawn(ContainerWatch::run(watch));
}

void Publisher::withdraw(const EndpointTable::Holder& holder, std::string_view why) {
  const auto watched = watches_.find(holder.container);
  if (watched != watches_.end()) {
    watched->second->stop();
    watches_.erase(watched);
  }
  inherited_.erase(holder.container);
  session_.unset(holder.key);
  log_.info("endpoint withdrawn", {{"key", holder.key}, {"container", holder.container}, {"because", why}});
}

void Publisher::publish(const ContainerWatch& watch) {
  const Target& target = watch.target();
  const std::string key = target.key();
  const bool told = session_.is_there(key);  // what it was before
  session_.set(key, target.value(options_.host_id, watch.verdict()));
  if (watch.health() == Health::up) restarts_.serves(target.job.app.str(), key, target.container);
  if (told) restart_if_dead(watch);
}

// It is published as failing by now, so that nobody is sent to it while it ends.
void Publisher::restart_if_dead(const ContainerWatch& watch) {
  const auto dead_for = watch.dead_for();
  const Target& target = watch.target();
  if (!dead_for || !listed_) return;
  const auto now = std::chrono::steady_clock::now();
  if (!restarts_.begin(target.job.app.str(), target.key(), target.container, now)) return;
  app_log_.warning(
      target.job.app,
      fmt::format(
          "{} did not answer its health check for {} s ({}): restarted",
          target.job.str(),
          dead_for->count(),
          watch.verdict().detail));
  metrics_.count("deis_publisher_restarts_total", "Containers restarted because their health check failed");
  probes_.spawn(restart(target));
}

// Swarm puts another container in the place of one that ends. Docker tells of the signal, which withdraws the
// endpoint.
Task<> Publisher::restart(Target target) {
  log_.warning("container is restarted", {{"job", target.job.str()}, {"container", target.container}});
  try {
    co_await docker_.stop_container(
        target.container, target.stop_grace, in(target.stop_grace + kDockerLimit));
  } catch (const Error& error) {
    if (error.code() == ErrorCode::canceled) throw;
    log_.warning("container cannot be stopped", {{"container", target.container}, {"error", error.what()}});
  }
}

// Once, and not again for each container that Swarm starts in its place.
void Publisher::tell_problem(const Target& target, const std::string& told_before) {
  const std::string key = target.key();
  if (target.problem.empty()) {
    problems_told_.erase(key);
    return;
  }
  if (problems_told_.size() >= kMaxProblems) problems_told_.clear();
  std::string& told = problems_told_[key];
  if (told.empty()) told = told_before;
  if (told == target.problem) return;
  told = target.problem;
  app_log_.error(target.job.app, fmt::format("{} gets no requests: {}", target.job.str(), target.problem));
}

void Publisher::update_metrics() {
  metrics_.set(
      "deis_publisher_containers",
      "App containers of this host that get traffic or will",
      static_cast<double>(watches_.size()));
}

std::string Publisher::not_ready() const {
  return listed_ ? "" : "the containers of this host have not been listed";
}

}  // namespace deis::publisher
