#include "core/process/process.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/net/co_test.h"
#include "core/net/task_group.h"

#include <boost/asio/this_coro.hpp>

#include <array>
#include <filesystem>
#include <signal.h>
#include <unistd.h>

namespace deis::process {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Command command(std::vector<std::string> argv) {
  Command command;
  command.argv = std::move(argv);
  return command;
}

ErrorCode code_of(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const Error& error) {
    return error.code();
  }
}

CO_TEST(Process, ReportsTheExitStatus) {
  const auto executor = co_await asio::this_coro::executor;
  Process child = Process::start(executor, command({"false"}));
  const Exit exit = co_await child.wait();
  EXPECT_EQ(exit.code, 1);
  EXPECT_EQ(exit.signal, 0);
}

CO_TEST(Process, ReportsTheSignalThatEndedIt) {
  const auto executor = co_await asio::this_coro::executor;
  Process child = Process::start(executor, command({"sleep", "100"}));
  child.signal(SIGKILL);
  const Exit exit = co_await child.wait();
  EXPECT_EQ(exit.signal, SIGKILL);
  EXPECT_EQ(exit.code, 137);
}

TEST(Process, NamesAProgramThatDoesNotExist) {
  asio::io_context io;
  try {
    Process::start(io.get_executor(), command({"no-such-program"}));
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "cannot start no-such-program: No such file or directory");
  }
}

TEST(Process, NamesADirectoryThatDoesNotExist) {
  asio::io_context io;
  Command lost = command({"true"});
  lost.directory = "/no/such/directory";
  try {
    Process::start(io.get_executor(), lost);
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "cannot start true: directory: No such file or directory");
  }
}

CO_TEST(Process, StopsWithTheFirstSignalWhenTheChildObeys) {
  const auto executor = co_await asio::this_coro::executor;
  Process child = Process::start(executor, command({"sleep", "100"}));
  const Exit exit = co_await child.stop(in(seconds(8)), SIGINT);
  EXPECT_EQ(exit.signal, SIGINT);
}

CO_TEST(Process, KillsAChildThatIgnoresTheSignal) {
  const auto executor = co_await asio::this_coro::executor;
  Command stubborn = command({"perl", "-e", "$SIG{TERM} = 'IGNORE'; $| = 1; print 'x'; sleep 100"});
  stubborn.out = Command::Output::pipe;
  Process child = Process::start(executor, stubborn);
  char byte = 0;
  co_await child.out().read_some(&byte, 1, in(seconds(8)));  // it ignores the signal from here on
  const Exit exit = co_await child.stop(in(milliseconds(20)));
  EXPECT_EQ(exit.signal, SIGKILL);
}

CO_TEST(Process, IsStillRunningWhenADeadlineOfTheWaitPasses) {
  const auto executor = co_await asio::this_coro::executor;
  Process child = Process::start(executor, command({"sleep", "100"}));
  const auto exit = co_await child.wait_until(in(milliseconds(10)));
  EXPECT_FALSE(exit.has_value());
  EXPECT_EQ(::kill(child.pid(), 0), 0);
}

CO_TEST(Process, DiesWithTheObject) {
  const auto executor = co_await asio::this_coro::executor;
  int pid = 0;
  {
    const Process child = Process::start(executor, command({"sleep", "100"}));
    pid = child.pid();
  }
  EXPECT_EQ(::kill(pid, 0), -1);
}

CO_TEST(Process, ASignalToTheGroupReachesGrandchildren) {
  const auto executor = co_await asio::this_coro::executor;
  Command parent = command({"perl", "-e", "$| = 1; fork; print 'x'; sleep 100"});
  parent.out = Command::Output::pipe;
  parent.own_group = true;
  Process child = Process::start(executor, parent);
  std::array<char, 2> bytes{};
  for (std::size_t got = 0; got < 2;) {
    got += co_await child.out().read_some(bytes.data(), 2, in(seconds(8)));
  }
  child.signal_group(SIGTERM);
  // The pipe ends when the last process that holds it has ended.
  const auto rest = co_await child.out().read_some(bytes.data(), 2, in(seconds(8)));
  EXPECT_EQ(rest, 0U);
}

CO_TEST(Process, AWaitThatIsCanceledLeavesTheChildAlone) {
  const auto executor = co_await asio::this_coro::executor;
  Process child = Process::start(executor, command({"sleep", "100"}));
  net::TaskGroup group(executor);
  bool ended = false;
  auto wait = [](Process& process, bool& flag) -> Task<> {
    co_await process.wait();
    flag = true;
  };
  group.spawn(wait(child, ended));
  group.cancel();
  co_await group.join();
  EXPECT_FALSE(ended);
  EXPECT_EQ(::kill(child.pid(), 0), 0);
}

CO_TEST(Run, FeedsTheInputAndCollectsTheOutputs) {
  const auto executor = co_await asio::this_coro::executor;
  Command copy = command({"perl", "-e", "print STDERR 'aside'; print <STDIN>"});
  std::string input(300000, 'x');
  auto call = run(executor, std::move(copy), input, in(seconds(8)));
  const Output output = co_await std::move(call);
  EXPECT_TRUE(output.exit.ok());
  EXPECT_EQ(output.out, input);
  EXPECT_EQ(output.err, "aside");
}

CO_TEST(Run, AChildNeedNotReadItsInput) {
  const auto executor = co_await asio::this_coro::executor;
  Command deaf = command({"true"});
  auto call = run(executor, std::move(deaf), std::string(1 << 20, 'x'), in(seconds(8)));
  const Output output = co_await std::move(call);
  EXPECT_TRUE(output.exit.ok());
}

CO_TEST(Run, KeepsTheTailOfALongOutput) {
  const auto executor = co_await asio::this_coro::executor;
  Command talker = command({"perl", "-e", "print 'a' x 100000, 'end'"});
  auto call = run(executor, std::move(talker), "", in(seconds(8)), 10);
  const Output output = co_await std::move(call);
  EXPECT_EQ(output.out, "aaaaaaaend");
}

CO_TEST(Run, KillsTheChildAtTheDeadline) {
  const auto executor = co_await asio::this_coro::executor;
  Command sleeper = command({"sleep", "100"});
  std::exception_ptr failure;
  try {
    auto call = run(executor, std::move(sleeper), "", in(milliseconds(20)));
    co_await std::move(call);
  } catch (...) {
    failure = std::current_exception();
  }
  CO_ASSERT_TRUE(failure);
  EXPECT_EQ(code_of(failure), ErrorCode::timeout);
}

CO_TEST(Run, AChildSeesOnlyTheEnvironmentAndTheDescriptorsItWasGiven) {
  const auto executor = co_await asio::this_coro::executor;
  Command lister = command({"ls", "/proc/self/fd"});
  std::vector<std::pair<std::string, std::string>> only(1, std::make_pair("ONLY", "this"));
  lister.env = only;
  Command printer = command({"env"});
  printer.env = only;
  const auto variables = co_await check_output(executor, std::move(printer), in(seconds(8)));
  EXPECT_EQ(variables, "ONLY=this\n");
  const auto descriptors = co_await check_output(executor, std::move(lister), in(seconds(8)));
  EXPECT_EQ(descriptors, "0\n1\n2\n3\n");  // 3 is the directory itself
}

CO_TEST(Run, AFailureCarriesTheLastLineOfStandardError) {
  const auto executor = co_await asio::this_coro::executor;
  Command failing = command({"perl", "-e", "print STDERR \"first\\nlast\\n\"; exit 3"});
  std::string what;
  try {
    co_await check_output(executor, std::move(failing), in(seconds(8)));
  } catch (const Error& error) {
    what = error.what();
  }
  EXPECT_EQ(what, "perl failed with status 3: last");
}

CO_TEST(Run, DropsToTheUserThatWasAskedFor) {
  if (::geteuid() != 0) co_return;  // only root can
  const auto executor = co_await asio::this_coro::executor;
  Command who = command({"id", "-u"});
  who.uid = 65534;
  who.gid = 65534;
  const auto uid = co_await check_output(executor, std::move(who), in(seconds(8)));
  EXPECT_EQ(uid, "65534\n");
}

}  // namespace
}  // namespace deis::process
