// The publisher with a real Engine and a real etcd: containers of a busybox that serve a page which comes and
// goes. Containers carry a role of their own, so that a platform on the same Engine does not see them.

#include "core/base/random.h"
#include "core/docker/docker_fixture.h"
#include "core/etcd/etcd_fixture.h"
#include "core/json/json.h"
#include "core/net/co_test.h"
#include "core/net/task_group.h"
#include "publisher/publisher.h"

namespace deis::publisher {
namespace {

using namespace std::chrono_literals;

constexpr auto kImage = "localhost:5000/publisher-test:git-00000000";
// /page is there until SIGUSR1, and again after SIGUSR2.
constexpr auto kServer = R"(
  mkdir /www; echo x > /www/page
  trap 'rm /www/page' USR1; trap 'echo x > /www/page' USR2; trap 'exit 0' TERM
  httpd -f -p 5000 -h /www & while :; do wait; done)";

Deadline soon() {
  return in(20s);
}

struct Running {  // one run of the publisher
  Running(Executor executor, docker::Client& docker, etcd::Client& etcd, Publisher::Options options)
      : session(executor, etcd, 20s, Log::silent()),
        publisher(
            executor,
            docker,
            etcd,
            session,
            metrics,
            component::AppLog([this](std::string_view line) { app_lines.emplace_back(line); }),
            Log::silent(),
            std::move(options)),
        group(executor) {
    group.spawn(session.run(etcd::Session::AtStop::leave));
    group.spawn(publisher.run());
    group.spawn(publisher.follow_policies());
  }
  std::vector<std::string> app_lines;  // as the log collector sees them
  component::Metrics metrics;
  etcd::Session session;
  Publisher publisher;
  net::TaskGroup group;
};

class Bench {
 public:
  explicit Bench(Executor executor)
      : docker(executor, net::Endpoint::unix_socket(docker::kTestSocket)), executor_(executor) {}

  Task<> set_up() {
    etcd_server_ = co_await etcd::EtcdFixture::start(executor_);
    co_await docker::build_busybox(docker, kImage);
    start();
  }
  void start() {
    Publisher::Options options{.host_id = "h1", .network = "bridge", .role = role_};
    running_ = std::make_unique<Running>(executor_, docker, etcd(), options);
  }
  Task<> stop() {
    running_->group.cancel();
    co_await running_->group.join();
    running_.reset();
  }
  Task<> tear_down() {
    co_await stop();
    for (const auto& id : containers_) co_await docker.remove_container(id, true, soon());
  }

  // Job shop_v1.web.<num>; returns the container's id.
  Task<std::string> container(int num, std::vector<std::string> env, std::string port = "5000") {
    docker::ContainerSpec spec;
    spec.image = kImage;
    spec.arguments.assign(1, "/bin/ash");
    spec.arguments.push_back("-c");
    spec.arguments.push_back(kServer);
    spec.env = std::move(env);
    spec.env.push_back("PORT=" + port);
    spec.labels["deis.role"] = role_;
    spec.labels["deis.job"] = job(num);
    const std::string id = co_await docker.create_container(role_ + std::to_string(num), spec, soon());
    containers_.push_back(id);
    co_await docker.start_container(id, soon());
    co_return id;
  }
  Task<> policy(std::string checks) {
    co_await etcd().put("/deis/apps/shop", R"({"release":1,"healthchecks":)" + checks + "}", soon());
  }
  // What is published of the job, once `matches` likes it.
  Task<json::object> published(int num, std::function<bool(const json::object&)> matches) {
    const Deadline deadline = soon();
    for (;;) {
      const auto entry = co_await etcd().get("/deis/services/shop/" + job(num), soon());
      json::object value;
      if (entry) value = json::parse(entry->value).as_object();
      if (entry && matches(value)) co_return value;
      if (std::chrono::steady_clock::now() > deadline)
        throw Error(ErrorCode::timeout, "it stays at " + json::to_text(value));
      co_await net::sleep_for(10ms);
    }
  }
  Task<json::object> in_state(int num, std::string state) {
    return published(
        num, [state](const json::object& value) { return value.at("state").as_string() == state; });
  }
  // Until the publisher knows the containers that run.
  Task<> is_watched() {
    const auto knows_one = [this] {
      return running_->metrics.text().find("deis_publisher_containers 1") != std::string::npos;
    };
    co_await net::eventually(knows_one, "the publisher knows the container", 20s);
  }
  const std::vector<std::string>& app_lines() const { return running_->app_lines; }
  etcd::Client& etcd() { return etcd_server_->client(); }

  docker::Client docker;

 private:
  static std::string job(int num) { return "shop_v1.web." + std::to_string(num); }

  Executor executor_;
  std::string role_ = "publisher-test-" + random_hex(3);
  std::unique_ptr<etcd::EtcdFixture> etcd_server_;
  std::unique_ptr<Running> running_;
  std::vector<std::string> containers_;
};

Task<> with_bench(std::function<Task<>(Bench&)> test) {
  Bench bench(co_await asio::this_coro::executor);
  co_await bench.set_up();
  std::exception_ptr failure;
  try {
    co_await test(bench);
  } catch (...) {
    failure = std::current_exception();
  }
  co_await bench.tear_down();
  if (failure) std::rethrow_exception(failure);
}

#define PUBLISHER_TEST(Name)                                                 \
  Task<> Name##_body(Bench& bench);                                          \
  TEST(Publisher, Name) {                                                    \
    const std::function<Task<>(Bench&)> body = Name##_body;                  \
    ::deis::net::run_test_task(with_bench(body), std::chrono::seconds(120)); \
  }                                                                          \
  Task<> Name##_body(Bench& bench)

bool has_note(const json::object& value) {
  return value.at("state") == "up" &&
         value.at("detail").as_string().starts_with("does not pass its new health check");
}

PUBLISHER_TEST(TakesAContainerOutThatMissesItsCheckAndBackWhenItPasses) {
  co_await bench.policy(R"({"web":{"type":"http","path":"/page","interval":3,"failures":2}})");
  const auto id = co_await bench.container(1, {});
  const auto up = co_await bench.in_state(1, "up");
  EXPECT_EQ(up.at("passed"), "/page");
  co_await bench.docker.kill_container(id, "SIGUSR1", soon());
  const auto failing = co_await bench.in_state(1, "failing");
  EXPECT_EQ(failing.at("detail"), "got '404', expected: '200'");
  co_await bench.docker.kill_container(id, "SIGUSR2", soon());
  co_await bench.in_state(1, "up");
}

PUBLISHER_TEST(DoesNotEndTheServiceOfAContainerByACheckItNeverPassed) {
  co_await bench.container(1, {});
  const auto up = co_await bench.in_state(1, "up");
  EXPECT_EQ(up.at("passed"), "") << "a connection was accepted";
  co_await bench.policy(R"({"web":{"path":"/nothing","interval":1,"failures":1}})");
  co_await bench.published(1, has_note);
  co_await bench.stop();  // nor does a restart of ours
  bench.start();
  co_await bench.policy(R"({"web":{"path":"/page","interval":1,"failures":1}})");
  const auto passed = [](const json::object& value) {
    EXPECT_EQ(value.at("state"), "up");
    const auto* path = value.if_contains("passed");
    return path && *path == "/page";
  };
  co_await bench.published(1, passed);
}

PUBLISHER_TEST(GivesUpOnAContainerThatDoesNotStartInTimeAndTellsItsAnswer) {
  co_await bench.policy(R"({"web":{"type":"http","path":"/nothing","startup_timeout":2}})");
  co_await bench.container(1, {});
  const auto failing = co_await bench.in_state(1, "failing");
  EXPECT_EQ(failing.at("detail"), "got '404', expected: '200'");
  EXPECT_EQ(failing.at("attempts"), 4);
  co_await bench.policy(R"({"web":{"type":"http","path":"/page"}})");
  co_await bench.in_state(1, "up");
}

PUBLISHER_TEST(GoesByTheConfigOfTheContainersOwnReleaseUnlessACheckWasChosen) {
  std::vector<std::string> bad(1, "HEALTHCHECK_URL=/nothing"), good(1, "HEALTHCHECK_URL=/page");
  co_await bench.container(1, std::move(bad));
  co_await bench.container(2, std::move(good));
  const auto up = co_await bench.in_state(2, "up");
  EXPECT_EQ(up.at("passed"), "/page");
  const auto told = [](const json::object& value) { return value.if_contains("attempts") != nullptr; };
  const auto starting = co_await bench.published(1, told);
  EXPECT_EQ(starting.at("state"), "starting");
  co_await bench.policy(R"({"web":{"type":"tcp"}})");
  co_await bench.in_state(1, "up");
}

PUBLISHER_TEST(WaitsForTheDelayOnceButNotWhenItIsRestarted) {
  std::vector<std::string> env(1, "HEALTHCHECK_INITIAL_DELAY=2");
  const auto begun = std::chrono::steady_clock::now();
  co_await bench.container(1, std::move(env));
  co_await bench.in_state(1, "up");
  EXPECT_GE(std::chrono::steady_clock::now() - begun, 1500ms);
  co_await bench.stop();
  const auto before = co_await bench.etcd().list("/deis/services/", soon());
  auto changes = co_await bench.etcd().watch("/deis/services/", before.revision + 1, soon());
  bench.start();
  for (;;) {
    const auto batch = co_await changes->next(in(5s));
    for (const auto& change : batch.changes) {
      EXPECT_FALSE(change.deleted);
      EXPECT_NE(change.entry.value.find(R"("state":"up")"), std::string::npos) << change.entry.value;
    }
    if (!batch.changes.empty()) co_return;
    CO_ASSERT_TRUE(batch.revision != 0);
  }
}

// The revision of the first change that does this to the key.
Task<etcd::Revision> first_change(etcd::Watch& changes, std::string key, bool deleted) {
  for (;;) {
    const auto batch = co_await changes.next(soon());
    if (batch.revision == 0) throw Error(ErrorCode::timeout, key + " does not change");
    for (const auto& change : batch.changes) {
      if (change.entry.key == key && change.deleted == deleted) co_return change.entry.mod_revision;
    }
  }
}

PUBLISHER_TEST(ErasesWhatAPredecessorLeftOfADeadContainerBeforeItPublishesAnything) {
  co_await bench.stop();
  const std::string left = "/deis/services/blog/blog_v1.web.1", mine = "/deis/services/shop/shop_v1.web.1";
  const std::string value =
      R"({"app":"blog","host_id":"h1","container":"dead","address":"172.17.0.2","port":5000,"state":"up"})";
  const auto put = co_await bench.etcd().put(left, value, soon());
  auto of_left = co_await bench.etcd().watch(left, put + 1, soon());
  auto of_mine = co_await bench.etcd().watch(mine, put + 1, soon());
  co_await bench.container(1, {});
  bench.start();
  const auto erased = co_await first_change(*of_left, left, true);
  const auto published = co_await first_change(*of_mine, mine, false);
  EXPECT_LT(erased, published);
}

PUBLISHER_TEST(AnAddressThatIsUsedAgainIsTakenFromTheOneThatHadIt) {
  const auto first = co_await bench.container(1, {});
  const auto before = co_await bench.in_state(1, "up");
  const auto now = co_await bench.etcd().list("/deis/services/", soon());
  auto of_first = co_await bench.etcd().watch("/deis/services/shop/shop_v1.web.1", now.revision + 1, soon());
  auto of_second = co_await bench.etcd().watch("/deis/services/shop/shop_v1.web.2", now.revision + 1, soon());
  co_await bench.docker.kill_container(first, "SIGKILL", soon());
  co_await bench.docker.wait_container(first, soon());
  co_await bench.container(2, {});
  const auto after = co_await bench.in_state(2, "up");
  CO_ASSERT_EQ(after.at("address"), before.at("address"));
  const auto erased = co_await first_change(*of_first, "/deis/services/shop/shop_v1.web.1", true);
  const auto published = co_await first_change(*of_second, "/deis/services/shop/shop_v1.web.2", false);
  EXPECT_LT(erased, published);
}

// Until the container has ended.
Task<> ended(Bench& bench, std::string id) {
  co_await bench.docker.wait_container(id, soon());
}

Task<bool> runs(Bench& bench, std::string id) {
  const auto details = co_await bench.docker.inspect_container(id, soon());
  co_return details.running;
}

PUBLISHER_TEST(EndsAContainerThatGoesOnFailingWhenEverybodyKnowsThatItDoesAndTellsTheApp) {
  co_await bench.policy(R"({"web":{"type":"http","path":"/page","interval":1,"failures":2}})");
  const auto id = co_await bench.container(1, {});
  co_await bench.in_state(1, "up");
  const auto now = co_await bench.etcd().list("/deis/services/", soon());
  const std::string key = "/deis/services/shop/shop_v1.web.1";
  auto changes = co_await bench.etcd().watch(key, now.revision + 1, soon());
  co_await bench.docker.kill_container(id, "SIGUSR1", soon());
  co_await ended(bench, id);
  co_await first_change(*changes, key, false);
  co_await first_change(*changes, key, true);
  CO_ASSERT_EQ(bench.app_lines().size(), 1U);
  EXPECT_EQ(
      bench.app_lines()[0],
      "WARNING [shop]: shop_v1.web.1 did not answer its health check for 2 s (got '404', expected: '200'): "
      "restarted");
}

PUBLISHER_TEST(EndsOnlyOneContainerOfAnAppWhenAllFail) {
  co_await bench.policy(R"({"web":{"type":"http","path":"/page","interval":1,"failures":1}})");
  std::vector<std::string> ids;
  for (int num = 1; num <= 2; ++num) {
    auto id = co_await bench.container(num, {});
    ids.push_back(std::move(id));
    co_await bench.in_state(num, "up");
  }
  for (const auto& id : ids) co_await bench.docker.kill_container(id, "SIGUSR1", soon());
  for (int num = 1; num <= 2; ++num) co_await bench.in_state(num, "failing");
  const auto restarted = [&bench] { return !bench.app_lines().empty(); };
  co_await net::eventually(restarted, "one of them is restarted", 20s);
  co_await net::sleep_for(3s);  // the other one fails for as long
  const bool first = co_await runs(bench, ids[0]);
  const bool second = co_await runs(bench, ids[1]);
  EXPECT_NE(first, second);
  EXPECT_EQ(bench.app_lines().size(), 1U);
}

PUBLISHER_TEST(DoesNotEndAContainerThatHasNeverBeenUp) {
  co_await bench.policy(
      R"({"web":{"type":"http","path":"/nothing","startup_timeout":1,"interval":1,"failures":1}})");
  const auto id = co_await bench.container(1, {});
  co_await bench.in_state(1, "failing");
  co_await net::sleep_for(3s);  // three times what one that has been up would have
  const bool still_runs = co_await runs(bench, id);
  EXPECT_TRUE(still_runs);
  EXPECT_TRUE(bench.app_lines().empty());
}

PUBLISHER_TEST(TellsTheAppOnceThatAContainerCannotGetRequests) {
  co_await bench.container(1, {}, std::string("abc"));
  const auto failing = co_await bench.in_state(1, "failing");
  CO_ASSERT_EQ(bench.app_lines().size(), 1U);
  EXPECT_TRUE(
      bench.app_lines()[0].starts_with("ERROR [shop]: shop_v1.web.1 gets no requests: PORT is 'abc'"));
  co_await bench.stop();
  bench.start();
  co_await bench.is_watched();
  co_await bench.in_state(1, "failing");
  EXPECT_TRUE(bench.app_lines().empty()) << "it was told before";
}

}  // namespace
}  // namespace deis::publisher
