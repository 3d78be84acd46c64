// Against the Engine of this machine (DOCKER_HOST or the default socket), with an image of a static busybox.
// Everything made here belongs to apps "scheduler-test-<random>" and is removed again.

#include "controller/scheduler/engine_contract.h"
#include "controller/scheduler/job_spec.h"
#include "controller/scheduler/swarm_engine.h"
#include "core/base/random.h"
#include "core/docker/docker_fixture.h"
#include "core/net/event.h"

#include <boost/asio/this_coro.hpp>

#include <algorithm>

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

// Everything it writes; standard error in brackets.
Task<std::string> output_of(AttachedJob& job) {
  std::string text;
  for (;;) {
    const auto piece = co_await job.read(contract::soon());
    if (!piece) co_return text;
    text += piece->is_error ? "[" + piece->data + "]" : piece->data;
  }
}

Task<std::string> read_until(AttachedJob& job, std::string last) {
  std::string text;
  try {
    while (text.find(last) == std::string::npos) {
      const auto piece = co_await job.read(contract::soon());
      if (!piece) co_return text + "<end>";
      text += piece->data;
    }
  } catch (const Error& error) {
    throw Error(error.code(), "no '" + last + "' in: " + text);
  }
  co_return text;
}

Task<> until_removed(Bench& bench, JobName job) {
  const Deadline deadline = contract::soon();
  for (;;) {
    const auto left = co_await contract::status_of(bench.engine, job);
    if (!left) co_return;
    CO_ASSERT_TRUE(std::chrono::steady_clock::now() < deadline);
    co_await net::sleep_for(std::chrono::milliseconds(50));
  }
}

Task<std::unique_ptr<AttachedJob>> run_attached(Bench& bench, JobSpec spec, AttachOptions options) {
  co_return co_await bench.engine.run_attached(std::move(spec), options, contract::soon());
}

Task<> attached_without_tty(Bench& bench) {
  const auto spec =
      busybox(bench.app + "_v2.run.4", {"/bin/ash", "-c", "cat; echo bad >&2; tty >/dev/null || exit 9"});
  const AttachOptions options;
  auto job = co_await run_attached(bench, spec, options);
  const std::string big(300'000, 'x');
  net::TaskGroup group(co_await asio::this_coro::executor);
  const auto feed = [](AttachedJob& to, std::string text) -> Task<> {
    co_await to.write("Grüße\n", contract::soon());
    co_await to.write(std::move(text), contract::soon());
    co_await to.end_input(contract::soon());
  };
  group.spawn(feed(*job, big));
  auto text = co_await output_of(*job);
  co_await group.join();
  // The Engine reads the two outputs side by side: which comes first is not said.
  const std::string complaint = "[bad\n]";
  const auto at = text.find(complaint);
  CO_ASSERT_TRUE(at != std::string::npos);
  text.erase(at, complaint.size());
  EXPECT_TRUE(text == "Grüße\n" + big) << text.size() << " bytes: " << text.substr(0, 100);
  const int code = co_await job->exit_code(contract::soon());
  EXPECT_EQ(code, 9);
  job.reset();
  co_await until_removed(bench, spec.name);
}
SWARM_TEST(AttachedCommandWithoutTerminalHasThreeStreams, attached_without_tty)

Task<> attached_with_tty(Bench& bench) {
  const auto spec = busybox(bench.app + "_v2.run.5", {"/bin/ash"});
  const AttachOptions options{.tty = true, .size = {.rows = 30, .columns = 100}};
  auto job = co_await run_attached(bench, spec, options);
  co_await job->write("stty size; tty; echo $GREETING-$((1+1))\n", contract::soon());
  const auto first = co_await read_until(*job, "hello-2");
  EXPECT_NE(first.find("30 100"), std::string::npos) << first;
  EXPECT_NE(first.find("/dev/pts/"), std::string::npos) << first;
  const TerminalSize larger{.rows = 50, .columns = 132};
  co_await job->resize(larger, contract::soon());
  co_await job->write("stty size\n", contract::soon());
  co_await read_until(*job, "50 132");
  // ctrl-p ctrl-q would detach with Docker's defaults, ctrl-c ends what runs.
  co_await job->write("cat\n", contract::soon());
  co_await job->write("\x10\x11still\n", contract::soon());
  co_await read_until(*job, "still");
  co_await job->write("\x03", contract::soon());
  co_await read_until(
      *job, "/ # ");  // what is typed before the prompt is back goes with the interrupted command
  co_await job->write("echo back-$((2+2)); exit 5\n", contract::soon());
  const auto rest = co_await read_until(*job, "back-4");
  EXPECT_NE(rest.find("back-4"), std::string::npos) << rest;
  co_await output_of(*job);
  const int code = co_await job->exit_code(contract::soon());
  EXPECT_EQ(code, 5);
  job.reset();
  co_await until_removed(bench, spec.name);
}
SWARM_TEST(AttachedCommandHasATerminal, attached_with_tty)

Task<> attached_end_of_input(Bench& bench) {
  const auto spec = busybox(bench.app + "_v2.run.6", {"/bin/cat"});
  const AttachOptions options{.tty = true};
  auto job = co_await run_attached(bench, spec, options);
  co_await job->end_input(contract::soon());
  co_await output_of(*job);
  const int code = co_await job->exit_code(contract::soon());
  EXPECT_EQ(code, 0);
}
SWARM_TEST(EndOfInputEndsACommandWithATerminal, attached_end_of_input)

Task<> attached_signals(Bench& bench) {
  const auto spec = busybox(
      bench.app + "_v2.run.7",
      {"/bin/ash", "-c", "trap 'echo got it; exit 3' INT; echo up; while :; do sleep 0.1; done"});
  const AttachOptions options;
  auto job = co_await run_attached(bench, spec, options);
  co_await read_until(*job, "up");
  co_await job->signal("INT", contract::soon());
  const auto rest = co_await output_of(*job);
  EXPECT_NE(rest.find("got it"), std::string::npos) << rest;
  const int code = co_await job->exit_code(contract::soon());
  EXPECT_EQ(code, 3);
}
SWARM_TEST(SignalsReachAnAttachedCommand, attached_signals)

Task<> attached_is_removed(Bench& bench) {
  const auto spec = busybox(bench.app + "_v2.run.8", {"/bin/sleep", "3600"});
  const AttachOptions options;
  auto job = co_await run_attached(bench, spec, options);
  const auto running = co_await contract::status_of(bench.engine, spec.name);
  CO_ASSERT_TRUE(running);
  job.reset();
  co_await until_removed(bench, spec.name);
  // And when there is no such command: what Docker starts is its own init, which says so.
  auto broken = busybox(bench.app + "_v2.run.9", {"/no/such/command"});
  auto never = co_await run_attached(bench, broken, options);
  const auto said = co_await output_of(*never);
  EXPECT_NE(said.find("/no/such/command"), std::string::npos) << said;
  const int code = co_await never->exit_code(contract::soon());
  EXPECT_EQ(code, 127);
  never.reset();
  co_await until_removed(bench, broken.name);
}
SWARM_TEST(AttachedCommandIsRemovedWithItsHold, attached_is_removed)

Task<> watches(Bench& bench) {
  std::vector<std::string> seen;
  net::Event changed(co_await asio::this_coro::executor);
  const auto ours = bench.app;
  const auto note = [&](const JobChange& change) {
    if (change.job.app.str() != ours) return;
    seen.push_back(std::string(name_of(change.state)) + (change.detail.empty() ? "" : ": " + change.detail));
    changed.notify();
  };
  net::TaskGroup group(co_await asio::this_coro::executor);
  group.spawn(bench.engine.watch(note));
  const auto until = [&](std::string last) -> Task<> {
    const Deadline deadline = contract::soon();
    while (std::find(seen.begin(), seen.end(), last) == seen.end()) {
      const bool news = co_await changed.wait(deadline);
      if (!news) throw Error(ErrorCode::timeout, "never seen: " + last);
    }
  };
  // The Engine tells events from the moment it has our question on: one that is repeated shows when.
  for (int num = 100; seen.empty(); ++num) {
    const auto beacon = busybox(bench.app + "_v2.run." + std::to_string(num), {"/bin/true"});
    co_await bench.engine.run(beacon, contract::soon());
  }
  co_await until("destroyed");
  seen.clear();
  const auto crashing = busybox(bench.app + "_v2.worker.2", {"/bin/ash", "-c", "sleep 0.2; exit 3"});
  co_await bench.engine.create(crashing, contract::soon());
  co_await until("crashed: exited with code 3");
  EXPECT_EQ(seen.at(0), "created");
  EXPECT_EQ(seen.at(1), "up");
  co_await bench.engine.remove(crashing.name, contract::soon());
  co_await until("destroyed");
  group.cancel();
  co_await group.join();
}
SWARM_TEST(TellsWhatHappensToContainers, watches)

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
