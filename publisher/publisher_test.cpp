#include "core/base/time.h"
#include "core/net/co_test.h"
#include "core/net/http_server.h"
#include "core/net/task_group.h"
#include "publisher/probe.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <sys/resource.h>

namespace deis::publisher {
namespace {

docker::ContainerDetails web_container() {
  docker::ContainerDetails c;
  c.id = "c1";
  c.labels = {{"deis.role", "app"}, {"deis.job", "shop_v3.web.1"}};
  c.network_addresses = {{"deis-apps", "172.30.0.5"}};
  c.running = true;
  return c;
}

TEST(Target, PortInTheEnvironmentWinsOverExposedPorts) {
  auto c = web_container();
  c.exposed_tcp_ports = {80};
  EXPECT_EQ(target_of(c, "app", "deis-apps")->port, 80);
  c.env = {"PORT=5000", "PORTAL=1"};
  EXPECT_EQ(target_of(c, "app", "deis-apps")->port, 5000);
}

TEST(Target, SaysWhatToDoWhenThePortIsNotClear) {
  auto c = web_container();
  EXPECT_NE(target_of(c, "app", "deis-apps")->problem.find("set PORT"), std::string::npos);
  c.exposed_tcp_ports = {80, 443};
  EXPECT_NE(target_of(c, "app", "deis-apps")->problem.find("several ports"), std::string::npos);
  c.env = {"PORT=abc"};
  EXPECT_NE(target_of(c, "app", "deis-apps")->problem.find("'abc'"), std::string::npos);
}

TEST(Target, OnlyWebAndCmdOfAppsGetTraffic) {
  auto c = web_container();
  c.labels["deis.job"] = "shop_v3.worker.1";
  EXPECT_FALSE(target_of(c, "app", "deis-apps"));
  c.labels["deis.job"] = "shop_v3.cmd.2";
  EXPECT_TRUE(target_of(c, "app", "deis-apps"));
  c.labels["deis.role"] = "run";
  EXPECT_FALSE(target_of(c, "app", "deis-apps"));
}

TEST(Target, KnowsTheHealthCheckOfItsReleaseAndWhenItStarted) {
  auto c = web_container();
  c.env = {"PORT=5000", "HEALTHCHECK_URL=up", "HEALTHCHECK_TIMEOUT=3", "OTHER=1"};
  c.started_at = "2026-11-23T14:12:17.5Z";
  const auto target = target_of(c, "app", "deis-apps");
  EXPECT_EQ(
      target->environment,
      (std::map<std::string, std::string>{{"HEALTHCHECK_URL", "up"}, {"HEALTHCHECK_TIMEOUT", "3"}}));
  EXPECT_EQ(target->started_at, parse_rfc3339("2026-11-23T14:12:17.5Z"));
}

TEST(Target, OnlySignalsThatEndAContainerTakeItsTraffic) {
  auto c = web_container();
  const int usual = target_of(c, "app", "deis-apps")->stop_signal;
  EXPECT_TRUE(ends_container("15", usual));
  EXPECT_TRUE(ends_container("9", usual));
  EXPECT_TRUE(ends_container("", usual));
  EXPECT_FALSE(ends_container("1", usual));
  for (const char* said : {"SIGQUIT", "QUIT", "3"}) {
    c.stop_signal = said;
    EXPECT_TRUE(ends_container("3", target_of(c, "app", "deis-apps")->stop_signal)) << said;
  }
}

TEST(Target, IsPublishedUnderItsJob) {
  auto c = web_container();
  c.env = {"PORT=5000"};
  const auto target = target_of(c, "app", "deis-apps");
  EXPECT_EQ(target->key(), "/deis/services/shop/shop_v3.web.1");
  const auto value = target->value("h1", {.state = "up", .detail = "", .attempts = 0, .passed = "/up"});
  EXPECT_NE(value.find(R"("state":"up")"), std::string::npos);
  EXPECT_NE(value.find(R"("passed":"/up")"), std::string::npos);
  EXPECT_EQ(value.find("attempts"), std::string::npos);
  EXPECT_EQ(value.find("service"), std::string::npos);
  c.labels["com.docker.swarm.service.id"] = "s1";
  EXPECT_NE(
      target_of(c, "app", "deis-apps")->value("h1", {.state = "up"}).find(R"("service":"s1")"),
      std::string::npos);
}

constexpr ProbeState::Time kSoon{0}, kLate{60'000};

ProbeResult refused(std::string why = "refused") {
  return {.failure = std::move(why)};
}

TEST(ProbeState, OneSuccessIsUpAndThreeMissesInARowAreFailing) {
  ProbeState state;
  state.take(refused(), kSoon);
  EXPECT_EQ(state.health(), Health::starting);
  EXPECT_EQ(state.detail(), "refused");
  state.take({}, kSoon);
  EXPECT_EQ(state.health(), Health::up);
  EXPECT_EQ(state.detail(), "");
  state.take(refused(), kLate);
  state.take(refused(), kLate);
  EXPECT_EQ(state.health(), Health::up);
  state.take(refused(), kLate);
  EXPECT_EQ(state.health(), Health::failing);
  state.take({}, kLate);
  EXPECT_EQ(state.health(), Health::up);
}

TEST(ProbeState, FailsWhenTheStartUpTimeIsOverAndMayStillComeUp) {
  ProbeState state;
  state.take(refused("first"), ProbeState::Time(59'999));
  EXPECT_EQ(state.health(), Health::starting);
  state.take(refused("last"), kLate);
  EXPECT_EQ(state.health(), Health::failing);
  EXPECT_EQ(state.detail(), "last");
  state.take({}, kLate);
  EXPECT_EQ(state.health(), Health::up);
}

TEST(ProbeState, CountsWrongAnswersWhileItStartsUpToFour) {
  ProbeState state;
  state.take(refused(), kSoon);
  EXPECT_EQ(state.attempts(), 0) << "nobody listens yet: that is no attempt";
  for (int i = 1; i <= 6; ++i) {
    state.take({.failure = "got '404', expected: '200'", .answered_wrong = true}, kSoon);
    EXPECT_EQ(state.attempts(), std::min(i, 4));
  }
  state.take({}, kSoon);
  EXPECT_EQ(state.attempts(), 0);
  state.take({.failure = "got '500', expected: '200'", .answered_wrong = true}, kSoon);
  EXPECT_EQ(state.attempts(), 0);
}

TEST(ProbeState, FollowsAnotherTimingFromTheNextProbeOn) {
  ProbeState state;
  state.take({}, kSoon);
  ProbeState::Timing strict;
  strict.misses = 1;
  strict.retry = ProbeState::Time(7);
  state.follow(strict);
  EXPECT_EQ(state.take(refused(), kSoon), ProbeState::Time(7));
  EXPECT_EQ(state.health(), Health::failing);
}

TEST(ProbeState, ASuccessCountsOnceItHasSettledAndOnlyInARow) {
  ProbeState::Timing timing;
  timing.settle = ProbeState::Time(100);
  timing.successes = 2;
  ProbeState state(timing);
  EXPECT_EQ(state.take({}, kSoon), timing.settle);
  state.take(refused("it died"), kSoon);
  EXPECT_EQ(state.take({}, kSoon), timing.settle) << "from the beginning";
  EXPECT_EQ(state.take({}, kSoon), timing.retry);
  EXPECT_EQ(state.health(), Health::starting);
  EXPECT_EQ(state.take({}, kSoon), timing.interval);
  EXPECT_EQ(state.health(), Health::up);
  for (int i = 0; i < timing.misses; ++i) state.take(refused(), kSoon);
  EXPECT_EQ(state.take({}, kSoon), timing.settle) << "it comes back as it came up";
}

TEST(ProbeState, AContainerThatServedBeforeHasToFailToBeTakenOut) {
  ProbeState state;
  state.resume(Health::up);
  state.take(refused(), kLate);
  state.take(refused(), kLate);
  EXPECT_EQ(state.health(), Health::up);
  state.take(refused(), kLate);
  EXPECT_EQ(state.health(), Health::failing);
}

TEST(ProbeState, NeverGoesBackToStartingAndNeverWaitsLongerThanItsInterval) {
  EXPECT_TRUE(rc::check("any sequence", [](const std::vector<bool>& passes) {
    ProbeState state;
    bool ever_up = false;
    int missed = 0;
    for (const bool pass : passes) {
      const auto wait = state.take(pass ? ProbeResult() : refused(), kSoon);
      ever_up = ever_up || pass;
      missed = pass ? 0 : missed + 1;
      RC_ASSERT(wait > ProbeState::Time(0));
      RC_ASSERT(wait <= std::chrono::seconds(3));
      RC_ASSERT((state.health() == Health::starting) == !ever_up);
      if (ever_up) RC_ASSERT((state.health() == Health::up) == (missed < 3));
    }
  }));
}

// One probe against a real server.
struct Served {
  explicit Served(Executor executor)
      : server(executor, net::Endpoint::tcp("127.0.0.1", 0), answer(), Log::silent(), quick()) {}

  static net::HttpServer::Options quick() {
    net::HttpServer::Options options;
    options.drain_timeout = std::chrono::seconds(0);
    return options;
  }

  net::HttpServer::Handler answer() {
    return [this](net::Request request) -> Task<net::Reply> {
      asked.push_back(request.target);
      net::Reply reply;
      reply.status = request.target == "/good" ? 200 : 404;
      if (request.target == "/slow") co_await net::sleep_for(std::chrono::seconds(30));
      co_return reply;
    };
  }
  Target target() const {
    return Target{
        .job = JobName::parse("shop_v3.web.1"), .address = "127.0.0.1", .port = server.endpoint().port};
  }

  std::vector<std::string> asked;
  net::HttpServer server;
};

Task<> with_server(std::function<Task<>(Served&)> test) {
  const Executor executor = co_await asio::this_coro::executor;
  Served served(executor);
  net::TaskGroup group(executor);
  group.spawn(served.server.run());
  std::exception_ptr failure;
  try {
    co_await test(served);
  } catch (...) {
    failure = std::current_exception();
  }
  group.cancel();
  co_await group.join();
  if (failure) std::rethrow_exception(failure);
}

Task<ProbeResult> probe_path(const Served& served, std::string path) {
  const Executor executor = co_await asio::this_coro::executor;
  component::HealthCheck check;
  check.is_http = true;
  check.path = std::move(path);
  Prober prober(executor);
  const Target target = served.target();
  co_return co_await prober.probe(target, check);
}

CO_TEST(Probe, OfAPathExpects200AndTellsWhatItGot) {
  const auto test = [](Served& served) -> Task<> {
    const auto good = co_await probe_path(served, "/good");
    EXPECT_EQ(good.failure, "");
    const auto bad = co_await probe_path(served, "/bad?x=1");
    EXPECT_EQ(bad.failure, "got '404', expected: '200'");
    EXPECT_TRUE(bad.answered_wrong);
    EXPECT_EQ(served.asked, (std::vector<std::string>{"/good", "/bad?x=1"}));
  };
  co_await with_server(test);
}

CO_TEST(Probe, TakesNoAnswerInTimeForAWrongOne) {
  const auto test = [](Served& served) -> Task<> {
    const auto slow = co_await probe_path(served, "/slow");
    EXPECT_TRUE(slow.answered_wrong);
    EXPECT_NE(slow.failure.find("port "), std::string::npos) << slow.failure;
  };
  co_await with_server(test);
}

CO_TEST(Probe, DoesNotSendAPathThatWouldSplitTheRequest) {
  const auto test = [](Served& served) -> Task<> {
    const auto split = co_await probe_path(served, "/a\r\nX: y");
    EXPECT_NE(split.failure.find("HEALTHCHECK_URL"), std::string::npos) << split.failure;
    EXPECT_TRUE(served.asked.empty());
  };
  co_await with_server(test);
}

CO_TEST(Probe, OfAPortOnlyOpensAConnection) {
  const auto test = [](Served& served) -> Task<> {
    const Executor executor = co_await asio::this_coro::executor;
    const component::HealthCheck accepts;
    Prober prober(executor);
    const Target target = served.target();
    const auto open = co_await prober.probe(target, accepts);
    EXPECT_EQ(open.failure, "");
    EXPECT_TRUE(served.asked.empty());
    Target closed = served.target();
    closed.port = 1;
    const auto refusal = co_await prober.probe(closed, accepts);
    EXPECT_NE(refusal.failure.find("port 1: "), std::string::npos) << refusal.failure;
    EXPECT_FALSE(refusal.answered_wrong);
  };
  co_await with_server(test);
}

// A server that answers with these bytes and closes the connection.
Task<ProbeResult> probe_bytes(std::string bytes) {
  const Executor executor = co_await asio::this_coro::executor;
  net::Listener listener(executor, net::Endpoint::tcp("127.0.0.1", 0));
  const net::Listener::Serve serve = [&bytes](std::unique_ptr<net::Stream> stream) -> Task<> {
    char request[1000];
    co_await stream->read_some(request, sizeof(request), in(std::chrono::seconds(5)));
    co_await stream->write_all(bytes, in(std::chrono::seconds(5)));
  };
  net::TaskGroup group(executor);
  group.spawn(listener.run(serve));
  const Target target{
      .job = JobName::parse("shop_v3.web.1"), .address = "127.0.0.1", .port = listener.endpoint().port};
  component::HealthCheck check;
  check.is_http = true;
  check.path = "/";
  Prober prober(executor);
  const auto result = co_await prober.probe(target, check);
  group.cancel();
  co_await group.join();
  co_return result;
}

CO_TEST(Probe, GoesByTheStatusWhateverElseIsSent) {
  const std::string none, junk = "SSH-2.0-OpenSSH\r\n\r\n", early = "HTTP/1.1 103 Early Hints\r\n\r\n";
  const std::string good = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
  const auto cut = co_await probe_bytes(good);
  EXPECT_EQ(cut.failure, "") << "though its body is cut off";
  const auto interim = co_await probe_bytes(early + good + "12345");
  EXPECT_EQ(interim.failure, "");
  const auto large = co_await probe_bytes("HTTP/1.1 200 OK\r\n\r\n" + std::string(200'000, 'x'));
  EXPECT_EQ(large.failure, "");
  const auto empty = co_await probe_bytes(none);
  EXPECT_NE(empty.failure.find("without an answer"), std::string::npos) << empty.failure;
  const auto other = co_await probe_bytes(junk);
  EXPECT_NE(other.failure.find("no HTTP"), std::string::npos) << other.failure;
  EXPECT_TRUE(other.answered_wrong);
}

CO_TEST(Probe, WithoutADescriptorOfOurOwnNothingIsKnown) {
  const auto test = [](Served& served) -> Task<> {
    const Executor executor = co_await asio::this_coro::executor;
    const component::HealthCheck accepts;
    const Target target = served.target();
    Prober prober(executor);
    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    const rlimit none{.rlim_cur = 0, .rlim_max = before.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &none);
    const auto unknown = co_await prober.probe(target, accepts);
    ::setrlimit(RLIMIT_NOFILE, &before);
    EXPECT_TRUE(unknown.is_our_own) << unknown.failure;
  };
  co_await with_server(test);
}

CO_TEST(ProbeSlots, AnAppThatHoldsItsShareDoesNotKeepOthersWaiting) {
  const Executor executor = co_await asio::this_coro::executor;
  ProbeSlots slots(executor, ProbeSlots::Limits{.total = 3, .per_app = 2});
  std::vector<std::string> got;
  const auto take = [](ProbeSlots& from, std::vector<std::string>& out, std::string app) -> Task<> {
    const auto slot = co_await from.take(app);
    out.push_back(app);
  };
  net::TaskGroup group(executor);
  {
    const auto first = co_await slots.take("shop");
    const auto second = co_await slots.take("shop");
    group.spawn(take(slots, got, "shop"));
    group.spawn(take(slots, got, "blog"));
    const auto one_took = [&got] { return !got.empty(); };
    co_await net::eventually(one_took, "the other app takes a slot");
    EXPECT_EQ(got, std::vector<std::string>{"blog"});
  }
  co_await group.join();
  EXPECT_EQ(got, (std::vector<std::string>{"blog", "shop"}));
}

CO_TEST(ProbeSlots, WhoIsCanceledWhileItWaitsTakesNone) {
  const Executor executor = co_await asio::this_coro::executor;
  ProbeSlots slots(executor, ProbeSlots::Limits{.total = 1, .per_app = 1});
  const auto take = [](ProbeSlots& from) -> Task<> { co_await from.take("shop"); };
  net::TaskGroup group(executor);
  {
    const auto held = co_await slots.take("shop");
    group.spawn(take(slots));
    co_await net::sleep_for(std::chrono::milliseconds(1));
    group.cancel();
    co_await group.join();
  }
  const auto again = co_await slots.take("shop");
}

}  // namespace
}  // namespace deis::publisher
