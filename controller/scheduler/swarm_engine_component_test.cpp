// Against the Engine of this machine (DOCKER_HOST or the default socket), with an image of a static busybox.
// Everything made here belongs to apps "scheduler-test-<random>" and is removed again.

#include "controller/scheduler/engine_contract.h"
#include "controller/scheduler/job_spec.h"
#include "controller/scheduler/swarm_engine.h"
#include "core/base/random.h"
#include "core/docker/docker_fixture.h"

namespace deis::controller {
namespace {

constexpr auto kImage = "localhost:5000/scheduler-test:git-00000000";

JobSpec busybox(const std::string& name, std::vector<std::string> arguments) {
  JobSpec spec{.name = JobName::parse(name), .image = kImage};
  spec.arguments = std::move(arguments);
  spec.memory_bytes = 32 << 20;
  spec.env = {{"GREETING", "hello"}};
  return spec;
}

struct Bench {
  docker::Client docker;
  SwarmEngine engine;
  std::string app = "scheduler-test-" + random_hex(3);
  net::TaskGroup group;

  static SwarmOptions options() {
    SwarmOptions options;
    options.roles = Roles{.app = "test-app", .one_off = "test-run"};
    return options;
  }
  explicit Bench(Executor executor)
      : docker(executor, net::Endpoint::unix_socket(docker::kTestSocket)),
        engine(executor, docker, Log::silent(), options()),
        group(executor) {}

  Task<> set_up() {
    const bool active = co_await docker.swarm_active(contract::soon());
    if (!active) co_await docker.swarm_init("127.0.0.1:2377", "127.0.0.1", contract::soon());
    co_await docker::build_busybox(docker, kImage);
    group.spawn(engine.serve());
  }
  Task<> tear_down() {
    const std::optional<AppId> ours = AppId::parse(app);
    const auto left = co_await engine.status(ours, contract::soon());
    for (const auto& status : left) co_await engine.remove(status.name, contract::soon());
    group.cancel();
    co_await group.join();
  }
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

contract::EngineUnderTest under_test(Bench& bench) {
  const auto app = bench.app;
  contract::EngineUnderTest test{.engine = bench.engine, .app = app};
  test.long_running = [app](const std::string& job) { return busybox(app + job, {"/bin/sleep", "3600"}); };
  test.crashing = [app](const std::string& job) {
    return busybox(app + job, {"/bin/ash", "-c", "echo oops; exit 3"});
  };
  test.one_off = [app](const std::string& job) { return busybox(app + job, {"/bin/echo", "hello"}); };
  return test;
}

Task<> with_engine(contract::EngineTest test) {
  const auto adapt = [&test](Bench& bench) -> Task<> { co_await test(under_test(bench)); };
  co_await with_bench(adapt);
}

DEIS_ENGINE_CONTRACT(SwarmEngine)

#define SWARM_TEST(Name, body)                                               \
  TEST(SwarmEngine, Name) {                                                  \
    const std::function<Task<>(Bench&)> test = body;                         \
    ::deis::net::run_test_task(with_bench(test), std::chrono::seconds(120)); \
  }

Task<> returns_output_and_exit_code(Bench& bench) {
  const auto spec =
      busybox(bench.app + "_v2.run.1", {"/bin/ash", "-c", "echo $GREETING; echo bad >&2; exit 7"});
  const auto result = co_await bench.engine.run(spec, contract::soon());
  EXPECT_EQ(result.exit_code, 7);
  // Docker reads two pipes: the order between them is not certain.
  EXPECT_TRUE(result.output == "hello\nbad\n" || result.output == "bad\nhello\n") << result.output;
}
SWARM_TEST(ReturnsOutputAndExitCodeOfACommand, returns_output_and_exit_code)

Task<> ends_at_the_deadline(Bench& bench) {
  const auto spec = busybox(bench.app + "_v2.run.2", {"/bin/sleep", "3600"});
  bool timed_out = false;
  try {
    co_await bench.engine.run(spec, in(std::chrono::seconds(3)));
  } catch (const Error& error) {
    timed_out = error.code() == ErrorCode::timeout;
  }
  EXPECT_TRUE(timed_out);
  const Deadline deadline = contract::soon();
  for (;;) {
    const auto left = co_await contract::status_of(bench.engine, spec.name);
    if (!left) co_return;
    CO_ASSERT_TRUE(std::chrono::steady_clock::now() < deadline);
    co_await net::sleep_for(std::chrono::milliseconds(50));
  }
}
SWARM_TEST(EndsACommandAtTheDeadline, ends_at_the_deadline)

Task<> tells_out_of_memory(Bench& bench) {
  const auto spec =
      busybox(bench.app + "_v2.worker.1", {"/bin/ash", "-c", "x=xxxxxxxx; while :; do x=$x$x; done"});
  co_await bench.engine.create(spec, contract::soon());
  const auto failed = [](const JobStatus& now) { return now.failures > 0; };
  const auto status = co_await contract::wait_for(bench.engine, spec.name, failed);
  EXPECT_NE(status.detail.find("out of memory"), std::string::npos) << status.detail;
}
SWARM_TEST(TellsThatAContainerRanOutOfMemory, tells_out_of_memory)

Task<> tells_a_missing_image(Bench& bench) {
  auto spec = busybox(bench.app + "_v2.web.1", {});
  spec.image = "localhost:1/nothing:git-00000000";
  co_await bench.engine.create(spec, contract::soon());
  const auto failed = [](const JobStatus& now) { return now.failures >= 1; };
  const auto status = co_await contract::wait_for(bench.engine, spec.name, failed);
  EXPECT_NE(status.detail.find("image"), std::string::npos) << status.detail;
}
SWARM_TEST(TellsThatAnImageIsMissing, tells_a_missing_image)

Task<> isolates(Bench& bench) {
  const auto script =
      "grep -q '^CapEff:.*0000000000000' /proc/self/status; grep CapEff /proc/self/status; cat /proc/1/comm; "
      "chroot / true 2>/dev/null && echo chrooted; true";
  const auto spec = busybox(bench.app + "_v2.run.3", {"/bin/ash", "-c", script});
  const auto result = co_await bench.engine.run(spec, contract::soon());
  EXPECT_NE(result.output.find("docker-init"), std::string::npos) << result.output;
  EXPECT_EQ(result.output.find("chrooted"), std::string::npos) << result.output;
  // CHOWN 0, DAC_OVERRIDE 1, FOWNER 3, KILL 5, SETGID 6, SETUID 7, NET_BIND_SERVICE 10
  EXPECT_NE(result.output.find("CapEff:\t00000000000004eb"), std::string::npos) << result.output;
}
SWARM_TEST(IsolatesCommands, isolates)

// Whichever version of cgroups the machine has.
constexpr auto kShowLimits = R"(
  cd /sys/fs/cgroup
  echo memory $(cat memory.max memory/memory.limit_in_bytes 2>/dev/null)
  echo pids $(cat pids.max pids/pids.max 2>/dev/null)
  echo cpu $(cat cpu.max cpu/cpu.cfs_quota_us cpu/cpu.cfs_period_us 2>/dev/null)
  sleep 3600)";

Task<> limits(Bench& bench) {
  auto half = busybox(bench.app + "_v2.worker.1", {"/bin/ash", "-c", kShowLimits});
  half.memory_bytes = 64 << 20;
  half.cpu_shares = 512;
  half.pids_limit = 33;
  auto least = busybox(bench.app + "_v2.worker.2", {"/bin/ash", "-c", kShowLimits});
  least.cpu_shares = 1;
  co_await bench.engine.create(half, contract::soon());
  co_await bench.engine.create(least, contract::soon());
  const auto up = [](const JobStatus& now) { return now.state == JobState::up; };
  co_await contract::wait_for(bench.engine, half.name, up);
  co_await contract::wait_for(bench.engine, least.name, up);
  const auto shown = [&bench](JobName job) -> Task<std::string> {
    const Deadline deadline = contract::soon();
    for (;;) {
      auto lines = co_await bench.engine.last_log_lines(job, 20, contract::soon());
      if (lines.find("cpu ") != std::string::npos) co_return lines;
      if (std::chrono::steady_clock::now() > deadline) throw Error(ErrorCode::timeout, "no limits: " + lines);
      co_await net::sleep_for(std::chrono::milliseconds(50));
    }
  };
  const std::string of_half = co_await shown(half.name);
  EXPECT_NE(of_half.find("memory 67108864"), std::string::npos) << of_half;
  EXPECT_NE(of_half.find("pids 33"), std::string::npos) << of_half;
  EXPECT_NE(of_half.find("cpu 50000 100000"), std::string::npos) << of_half;
  const std::string of_least = co_await shown(least.name);
  EXPECT_NE(of_least.find("cpu 1000 100000"), std::string::npos) << of_least;
  EXPECT_NE(of_least.find("pids 512"), std::string::npos) << of_least;
}
SWARM_TEST(LimitsMemoryProcessorAndProcesses, limits)

Task<> places(Bench& bench) {
  auto spec = busybox(bench.app + "_v2.worker.1", {"/bin/sleep", "3600"});
  spec.tags = {{"deistest", "nowhere"}};
  co_await bench.engine.create(spec, contract::soon());
  const auto told = [](const JobStatus& now) { return !now.detail.empty(); };
  const auto status = co_await contract::wait_for(bench.engine, spec.name, told);
  EXPECT_EQ(status.state, JobState::created);
  EXPECT_NE(status.detail.find("no suitable node"), std::string::npos) << status.detail;
}
SWARM_TEST(PlacesContainersOnlyWhereTheTagsMatch, places)

Task<> removes_images(Bench& bench) {
  const std::string repository = "localhost:5000/" + bench.app;
  co_await bench.docker.tag_image(kImage, repository, "git-1", contract::soon());
  co_await bench.docker.tag_image(kImage, repository, "git-2", contract::soon());
  co_await bench.engine.remove_app_images(AppId::parse(bench.app), contract::soon());
  const bool first = co_await bench.docker.image_exists(repository + ":git-1", contract::soon());
  const bool second = co_await bench.docker.image_exists(repository + ":git-2", contract::soon());
  const bool other = co_await bench.docker.image_exists(kImage, contract::soon());
  EXPECT_FALSE(first);
  EXPECT_FALSE(second);
  EXPECT_TRUE(other);
}
SWARM_TEST(RemovesTheImagesOfOneAppOnly, removes_images)

}  // namespace
}  // namespace deis::controller
