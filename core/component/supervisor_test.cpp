#include "core/component/supervisor.h"

#include "core/base/error.h"
#include "core/net/co_test.h"
#include "core/net/task_group.h"

#include <boost/asio/this_coro.hpp>

#include <signal.h>

namespace deis::component {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Supervisor::Options quick() {
  Supervisor::Options options;
  options.first_backoff = milliseconds(1);
  options.max_backoff = milliseconds(5);
  options.stop_timeout = seconds(5);
  return options;
}

std::function<process::Command()> always(std::vector<std::string> argv) {
  return [argv = std::move(argv)] {
    process::Command command;
    command.argv = argv;
    return command;
  };
}

Task<> until(std::function<bool()> condition) {
  const Deadline deadline = in(seconds(8));
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) throw Error(ErrorCode::timeout, "it did not happen");
    co_await net::sleep_for(milliseconds(2));
  }
}

bool exists(int pid) {
  return ::kill(pid, 0) == 0;
}

CO_TEST(Supervisor, StartsAServerAgainThatWasKilled) {
  const auto executor = co_await asio::this_coro::executor;
  Supervisor supervisor(executor, "sleep", always({"sleep", "100"}), Log::silent(), quick());
  net::TaskGroup group(executor);
  group.spawn(supervisor.run());
  const std::function<bool()> runs = [&] { return supervisor.running(); };
  co_await until(runs);
  const int first = supervisor.pid();
  supervisor.signal(SIGKILL);
  const std::function<bool()> runs_again = [&] { return supervisor.running() && supervisor.pid() != first; };
  co_await until(runs_again);
  group.cancel();
  co_await group.join();
  EXPECT_FALSE(supervisor.running());
}

CO_TEST(Supervisor, StopsTheServerWithItsSignalWhenCanceled) {
  const auto executor = co_await asio::this_coro::executor;
  Supervisor supervisor(executor, "sleep", always({"sleep", "100"}), Log::silent(), quick());
  net::TaskGroup group(executor);
  group.spawn(supervisor.run());
  const std::function<bool()> runs = [&] { return supervisor.running(); };
  co_await until(runs);
  const int pid = supervisor.pid();
  group.cancel();
  co_await group.join();
  EXPECT_FALSE(exists(pid));
}

// A master that is killed leaves workers behind; here they would live for 100 s.
CO_TEST(Supervisor, KillsTheWorkersOfAMasterThatDied) {
  const auto executor = co_await asio::this_coro::executor;
  Supervisor supervisor(
      executor, "master", always({"perl", "-e", "fork; sleep 100"}), Log::silent(), quick());
  net::TaskGroup group(executor);
  group.spawn(supervisor.run());
  const std::function<bool()> runs = [&] { return supervisor.running(); };
  co_await until(runs);
  const int first = supervisor.pid();
  supervisor.signal(SIGKILL);
  const std::function<bool()> runs_again = [&] { return supervisor.running() && supervisor.pid() != first; };
  co_await until(runs_again);
  EXPECT_FALSE(exists(-first));  // nothing is left of the group
  group.cancel();
  co_await group.join();
}

CO_TEST(Supervisor, PreparesBeforeEveryStart) {
  const auto executor = co_await asio::this_coro::executor;
  Supervisor supervisor(executor, "true", always({"true"}), Log::silent(), quick());
  int prepared = 0;
  supervisor.before_start([&]() -> Task<> {
    ++prepared;
    co_return;
  });
  net::TaskGroup group(executor);
  group.spawn(supervisor.run());
  const std::function<bool()> thrice = [&] { return prepared >= 3; };
  co_await until(thrice);
  group.cancel();
  co_await group.join();
}

CO_TEST(Supervisor, GivesUpAfterTheAllowedNumberOfRestarts) {
  const auto executor = co_await asio::this_coro::executor;
  auto options = quick();
  options.max_restarts_in_a_row = 2;
  Supervisor supervisor(executor, "broken", always({"false"}), Log::silent(), options);
  std::string what;
  try {
    co_await supervisor.run();
  } catch (const Error& error) {
    what = error.what();
  }
  EXPECT_EQ(what, "broken does not stay up: ended with status 1");
}

CO_TEST(Supervisor, AServerThatCannotBeStartedCountsAsOneThatDied) {
  const auto executor = co_await asio::this_coro::executor;
  auto options = quick();
  options.max_restarts_in_a_row = 1;
  Supervisor supervisor(executor, "absent", always({"no-such-program"}), Log::silent(), options);
  std::string what;
  try {
    co_await supervisor.run();
  } catch (const Error& error) {
    what = error.what();
  }
  EXPECT_EQ(what, "absent does not stay up: cannot start no-such-program: No such file or directory");
}

}  // namespace
}  // namespace deis::component
