#pragma once
// For component tests: a small platform around a real etcd and a MemoryEngine with its MemoryPublisher. The
// router is a stand-in that reads and writes the keys of the real one and keeps watch over the promise: no
// request is sent to a container that has ended, and an app that is served stays served.

#include "controller/scheduler/memory_engine.h"
#include "controller/scheduler/memory_publisher.h"
#include "controller/scheduler/reconciler.h"
#include "controller/scheduler/registry_client.h"
#include "controller/scheduler/registry_fixture.h"
#include "controller/scheduler/zero_downtime_scheduler.h"
#include "core/etcd/etcd_fixture.h"
#include "core/net/http_server.h"

#include <functional>
#include <map>
#include <memory>
#include <set>

namespace deis::controller::test {

class FakeRouter {
 public:
  FakeRouter(Executor executor, etcd::Client& etcd, std::string id);

  Task<> run();
  Task<> vanish();                   // as if its lease expired
  void stall() { stalled_ = true; }  // applies nothing any more, but is live
  void resume();
  // Addresses that requests for the app are sent to.
  std::set<std::string> table(const std::string& app) const;
  void set_in_flight(const std::string& endpoint, int count) { in_flight_[endpoint] = count; }
  int asked() const { return asked_; }
  // Endpoints whose requests in flight it was ever asked for.
  const std::set<std::string>& asked_about() const { return asked_about_; }
  // Times that an app had endpoints and then, although it still had a route, none.
  int gaps() const { return gaps_; }

 private:
  Task<> apply(const etcd::MirrorUpdate& update);
  Task<> announce();
  Task<bool> put_announcement(std::string value);
  Task<net::Reply> answer(net::Request request);
  net::Reply route_of(const std::string& host);  // GET /route?host=

  etcd::Client& etcd_;
  std::string id_;
  etcd::Mirror mirror_;
  net::HttpServer server_;
  net::Event resumed_, announced_;
  etcd::Revision revision_ = 0;
  std::map<std::string, std::set<std::string>> tables_;
  std::map<std::string, int> in_flight_;
  std::set<std::string> asked_about_;
  bool stalled_ = false, announcing_ = false;
  int gaps_ = 0, asked_ = 0;
};

// The part that a test kills and starts again.
struct Controller {
  Controller(
      Executor executor, Engine& engine, etcd::Client& etcd, SchedulerOptions options, ReadWanted wanted);
  Task<> stop();  // at once, wherever it is

  std::set<std::string> busy;  // apps whose lock somebody holds
  RegistryClient registry;
  ZeroDowntimeScheduler scheduler;
  Reconciler reconciler;
  net::TaskGroup group;
};

class Platform {
 public:
  static Task<std::unique_ptr<Platform>> start(SchedulerOptions options);
  Task<> stop();
  Task<> kill_controller();  // and start another one

  ZeroDowntimeScheduler& scheduler() { return controller->scheduler; }
  etcd::Client& etcd() { return etcd_server->client(); }
  Task<std::string> route(std::string app);       // text, "" when absent
  std::set<std::string> jobs();                   // that exist
  std::string address(const std::string& job);    // of its endpoint, "" when it is not published
  Task<> until(std::function<bool()> condition);  // looks again now and then; fails after 10 s
  // Reconciles until nothing differs.
  Task<> settle();

  Executor executor;
  std::unique_ptr<etcd::EtcdFixture> etcd_server;
  SchedulerOptions options;
  MemoryEngine engine;
  std::unique_ptr<MemoryPublisher> publisher;
  std::unique_ptr<FakeRouter> router;
  FakeRegistry registry;
  std::vector<WantedApp> wanted;
  bool wanted_readable = true;
  std::unique_ptr<Controller> controller;
  int sent_to_dead = 0;  // containers that ended while the router still sent to them

 private:
  Platform(Executor executor, std::unique_ptr<etcd::EtcdFixture> server, SchedulerOptions options);
  void observe(const JobName& job, JobState state, const std::string& container);
  void start_controller();

  std::set<std::string> jobs_;
  net::TaskGroup group_;
};

// Runs `test` on a platform with limits for tests, and checks the promise afterwards.
Task<> with_platform(std::function<Task<>(Platform&)> test);
SchedulerOptions quick();

// Specs of an app's release: shop_v<N>.<type>.1 ... count.
std::vector<JobSpec> release_of(const std::string& app, int release, const std::string& type, int count);
std::vector<JobName> names_of(const std::vector<JobSpec>& jobs);

// Of the app "shop", whose containers are all web:
extern const AppId kShop;
std::vector<JobSpec> web(int release, int count);
RolloutPlan plan_of(int release, std::vector<JobSpec> start, std::vector<JobName> retire);
Task<> deploy(Platform& p, int release, int count);           // instead of all containers that are there
Task<> end(Platform& p, JobName leaving);                     // scales release 2 down by one
Task<std::string> failure_of(Platform& p, RolloutPlan plan);  // what roll_out throws, "" when it succeeds
// A roll-out that goes on while the test does something else.
struct RollingOut {
  bool over = false;
  std::string failure;  // "" when it succeeded
};
Task<> roll_out_into(Platform& p, RolloutPlan plan, std::shared_ptr<RollingOut> result);
Task<> until_retired(Platform& p);

}  // namespace deis::controller::test

#define PLATFORM_TEST(Suite, Name)                                                                         \
  static ::deis::Task<> Suite##_##Name##_body(::deis::controller::test::Platform& p);                      \
  TEST(Suite, Name) {                                                                                      \
    const std::function<::deis::Task<>(::deis::controller::test::Platform&)> body = Suite##_##Name##_body; \
    ::deis::net::run_test_task(::deis::controller::test::with_platform(body), std::chrono::seconds(60));   \
  }                                                                                                        \
  static ::deis::Task<> Suite##_##Name##_body(::deis::controller::test::Platform& p)
