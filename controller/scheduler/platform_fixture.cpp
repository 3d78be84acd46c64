#include "controller/scheduler/platform_fixture.h"

#include "core/base/error.h"
#include "core/json/json.h"

#include <gtest/gtest.h>

namespace deis::controller::test {
namespace {

constexpr auto kPort = ":5000";

Deadline soon() {
  return in(std::chrono::seconds(10));
}

}  // namespace

FakeRouter::FakeRouter(Executor executor, etcd::Client& etcd, std::string id)
    : etcd_(etcd),
      id_(std::move(id)),
      mirror_(etcd, "/deis/", Log::silent()),
      server_(
          executor,
          net::Endpoint::tcp("127.0.0.1", 0),
          [this](net::Request request) { return answer(std::move(request)); },
          Log::silent()),
      resumed_(executor),
      announced_(executor) {}

Task<> FakeRouter::run() {
  net::TaskGroup group(co_await asio::this_coro::executor);
  group.spawn(server_.run());
  group.spawn(mirror_.run([this](const etcd::MirrorUpdate& update) { return apply(update); }));
  co_await group.join();
}

Task<> FakeRouter::apply(const etcd::MirrorUpdate& update) {
  while (stalled_) co_await resumed_.wait(Deadline::max());
  const auto matters = [](const etcd::Change& change) {
    const std::string& key = change.entry.key;
    return key.starts_with("/deis/apps/") || key.starts_with("/deis/acme/") ||
           key.starts_with(kServicesPrefix);
  };
  if (revision_ > 0 && std::none_of(update.changes.begin(), update.changes.end(), matters)) co_return;

  std::map<std::string, std::set<std::string>> tables;
  for (const auto& [key, entry] : mirror_.entries()) {
    if (key.starts_with("/deis/apps/")) tables[key.substr(std::string_view("/deis/apps/").size())];
    const auto job = job_of_key(key);
    const auto route = job ? mirror_.entries().find("/deis/apps/" + job->app.str()) : mirror_.entries().end();
    if (route == mirror_.entries().end()) continue;
    const auto policy = parse_route(route->second.value);
    const auto endpoint = read_endpoint(entry);
    const bool in_service = policy.serves(job->release) && !policy.draining.contains(job->str());
    if (endpoint.is_up() && in_service) tables[job->app.str()].insert(endpoint.address);
  }
  for (const auto& [app, endpoints] : tables_) {
    if (!endpoints.empty() && tables.contains(app) && tables[app].empty()) ++gaps_;
  }
  tables_ = std::move(tables);
  revision_ = update.revision;
  co_await announce();
}

Task<> FakeRouter::announce() {
  const json::object value{
      {"address", "http://127.0.0.1:" + std::to_string(server_.endpoint().port)}, {"revision", revision_}};
  announcing_ = true;
  for (bool done = false; !done;) {
    done = co_await put_announcement(json::to_text(value));
    if (!done) co_await net::sleep_for(std::chrono::milliseconds(10));
  }
  announcing_ = false;
  announced_.notify();
}

// False when etcd is away.
Task<bool> FakeRouter::put_announcement(std::string value) {
  try {
    co_await etcd_.put(kRoutersPrefix + id_, std::move(value), soon());
    co_return true;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::unavailable) throw;
  }
  co_return false;
}

Task<net::Reply> FakeRouter::answer(net::Request request) {
  ++asked_;
  if (request.target.starts_with("/route?"))
    co_return route_of(net::parse_form(request.query()).at(0).second);
  json::object counts;
  for (const auto& [name, value] : net::parse_form(request.query())) {
    counts[value] = in_flight_[value];
    asked_about_.insert(value);
  }
  co_return net::Reply::json(200, json::to_text(counts));
}

net::Reply FakeRouter::route_of(const std::string& host) {
  const auto& known = mirror_.entries();
  const auto domain = known.find("/deis/domains/" + host);
  const std::string app = domain == known.end()
                              ? host.substr(0, host.find('.'))
                              : std::string(json::parse(domain->second.value).at("app").as_string());
  const auto entry = known.find("/deis/apps/" + app);
  if (entry == known.end()) return net::Reply::json(404, "{}");
  const RouteEntry route = parse_route(entry->second.value);
  json::array endpoints;
  for (const auto& address : table(app)) {
    endpoints.push_back(json::object{
        {"address", address},
        {"release", route.release},
        {"in_flight", in_flight_[address]},
        {"ejected", false}});
  }
  json::value canary;
  if (route.canary.release != 0)
    canary = json::object{{"release", route.canary.release}, {"weight", route.canary.weight}};
  const json::object body{
      {"host", host},
      {"app", app},
      {"release", route.release},
      {"canary", canary},
      {"endpoints", endpoints},
      {"revision", revision_}};
  return net::Reply::json(200, json::to_text(body));
}

Task<> FakeRouter::vanish() {
  stalled_ = true;
  // What is on its way goes first: on another connection it would come after and the router be back.
  while (announcing_) co_await announced_.wait(soon());
  co_await etcd_.erase(kRoutersPrefix + id_, soon());
}

void FakeRouter::resume() {
  stalled_ = false;
  resumed_.notify();
}

std::set<std::string> FakeRouter::table(const std::string& app) const {
  const auto found = tables_.find(app);
  return found == tables_.end() ? std::set<std::string>() : found->second;
}

Controller::Controller(
    Executor executor, Engine& engine, etcd::Client& etcd, SchedulerOptions options, ReadWanted wanted)
    : registry(executor, etcd, Log::silent()),
      scheduler(executor, engine, etcd, &registry, Log::silent(), options),
      reconciler(
          scheduler,
          etcd,
          std::move(wanted),
          [this](const AppId& app) -> std::shared_ptr<void> {
            return busy.contains(app.str()) ? nullptr : std::make_shared<int>(0);
          }),
      group(executor) {
  group.spawn(scheduler.run());
}

Task<> Controller::stop() {
  group.cancel();
  co_await group.join();
}

Platform::Platform(Executor e, std::unique_ptr<etcd::EtcdFixture> server, SchedulerOptions o)
    : executor(e), etcd_server(std::move(server)), options(o), registry(e), group_(e) {
  publisher = std::make_unique<MemoryPublisher>(executor, etcd(), Log::silent());
  router = std::make_unique<FakeRouter>(executor, etcd(), "r1");
  engine.on_change([this](const JobName& job, JobState state, const std::string& container) {
    observe(job, state, container);
  });
}

Task<std::unique_ptr<Platform>> Platform::start(SchedulerOptions options) {
  const auto executor = co_await asio::this_coro::executor;
  auto server = co_await etcd::EtcdFixture::start(executor);
  std::unique_ptr<Platform> platform(new Platform(executor, std::move(server), options));
  platform->group_.spawn(platform->publisher->run());
  platform->group_.spawn(platform->router->run());
  platform->group_.spawn(platform->registry.run());
  co_await platform->registry.announce(platform->etcd());
  platform->start_controller();
  Platform& p = *platform;
  co_await p.until([&p] { return p.scheduler().cluster().view.routers().size() == 1; });
  co_return platform;
}

void Platform::start_controller() {
  const ReadWanted read = [this]() -> Task<std::vector<WantedApp>> {
    if (!wanted_readable) throw Error(ErrorCode::unavailable, "the database is away");
    co_return wanted;
  };
  controller = std::make_unique<Controller>(executor, engine, etcd(), options, read);
}

Task<> Platform::stop() {
  co_await controller->stop();
  group_.cancel();
  co_await group_.join();
}

Task<> Platform::kill_controller() {
  co_await controller->stop();
  start_controller();
}

void Platform::observe(const JobName& job, JobState state, const std::string& container) {
  const bool ended = state == JobState::destroyed || state == JobState::down;
  const std::string address = publisher->address_of(container) + kPort;
  if (ended && router->table(job.app.str()).contains(address)) ++sent_to_dead;
  if (state == JobState::destroyed) {
    jobs_.erase(job.str());
  } else {
    jobs_.insert(job.str());
  }
  publisher->container(job, state, container);
}

Task<std::string> Platform::route(std::string app) {
  const auto entry = co_await etcd().get("/deis/apps/" + app, soon());
  co_return entry ? entry->value : "";
}

std::set<std::string> Platform::jobs() {
  return jobs_;
}

std::string Platform::address(const std::string& job) {
  const auto* endpoint = scheduler().cluster().view.endpoint(JobName::parse(job));
  return endpoint ? endpoint->address : "";
}

Task<> Platform::until(std::function<bool()> condition) {
  const Deadline deadline = soon();
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline)
      throw Error(ErrorCode::timeout, "it did not come to that");
    co_await net::sleep_for(std::chrono::milliseconds(5));
  }
}

Task<> Platform::settle() {
  const Deadline deadline = soon();
  for (;;) {
    const bool settled = co_await controller->reconciler.pass();
    if (settled && scheduler().retiring().jobs().empty()) co_return;
    if (std::chrono::steady_clock::now() > deadline) throw Error(ErrorCode::timeout, "it does not settle");
    co_await net::sleep_for(std::chrono::milliseconds(10));
  }
}

Task<> with_platform(std::function<Task<>(Platform&)> test) {
  auto platform = co_await Platform::start(quick());
  std::exception_ptr failure;
  try {
    co_await test(*platform);
  } catch (...) {
    failure = std::current_exception();
  }
  co_await platform->stop();
  if (failure) std::rethrow_exception(failure);
  EXPECT_EQ(platform->sent_to_dead, 0) << "a container ended while the router still sent to it";
  EXPECT_EQ(platform->router->gaps(), 0) << "an app that was served had no endpoint for a while";
}

SchedulerOptions quick() {
  SchedulerOptions options;
  options.healthy_within = std::chrono::seconds(5);
  options.steady_after = std::chrono::milliseconds(20);
  options.look_every = std::chrono::milliseconds(10);
  options.first_router_within = std::chrono::milliseconds(50);
  options.routers_within = std::chrono::seconds(5);
  options.drain_within = std::chrono::seconds(5);
  return options;
}

std::vector<JobSpec> release_of(const std::string& app, int release, const std::string& type, int count) {
  std::vector<JobSpec> jobs;
  for (int num = 1; num <= count; ++num) {
    JobName name{AppId::parse(app), release, ProcessType::parse(type), num};
    jobs.push_back(JobSpec{.name = std::move(name), .image = "localhost:5000/" + app + ":git-1"});
  }
  return jobs;
}

const AppId kShop = AppId::parse("shop");

std::vector<JobSpec> web(int release, int count) {
  return release_of("shop", release, "web", count);
}

std::vector<JobName> names_of(const std::vector<JobSpec>& jobs) {
  std::vector<JobName> names;
  for (const auto& job : jobs) names.push_back(job.name);
  return names;
}

RolloutPlan plan_of(int release, std::vector<JobSpec> start, std::vector<JobName> retire) {
  return RolloutPlan{
      .app = kShop, .release = release, .start = std::move(start), .retire = std::move(retire)};
}

Task<> deploy(Platform& p, int release, int count) {
  std::vector<JobName> old;
  for (const auto& job : p.jobs()) old.push_back(JobName::parse(job));
  co_await p.scheduler().roll_out(plan_of(release, web(release, count), old));
}

Task<> end(Platform& p, JobName leaving) {
  std::vector<JobName> retire(1, leaving);
  co_await p.scheduler().roll_out(plan_of(2, {}, std::move(retire)));
}

Task<std::string> failure_of(Platform& p, RolloutPlan plan) {
  try {
    co_await p.scheduler().roll_out(std::move(plan));
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::unavailable);
    co_return error.what();
  }
  co_return "";
}

Task<> roll_out_into(Platform& p, RolloutPlan plan, std::shared_ptr<RollingOut> result) {
  result->failure = co_await failure_of(p, std::move(plan));
  result->over = true;
}

Task<> until_retired(Platform& p) {
  co_await p.until([&p] { return p.scheduler().retiring().jobs().empty(); });
}

}  // namespace deis::controller::test
