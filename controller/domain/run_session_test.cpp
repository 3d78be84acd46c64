#include "controller/domain/run_session.h"

#include "controller/scheduler/memory_terminal.h"
#include "core/base/error.h"
#include "core/net/co_test.h"
#include "core/net/task_group.h"

#include <boost/asio/this_coro.hpp>

namespace deis::controller {
namespace {

using namespace std::chrono_literals;
using Why = SessionEnd::Why;

SessionLimits quick() {
  SessionLimits limits;
  limits.unattended = 100ms;
  limits.output = 64 * 1024;
  return limits;
}

struct Fixture {
  explicit Fixture(Executor executor, SessionLimits limits = quick(), AttachOptions options = {})
      : terminal(std::make_shared<MemoryTerminal>(executor, options)),
        session(std::make_shared<RunSession>(executor, attached_run(), limits)),
        group(executor),
        changed(executor) {
    group.spawn(live());
  }
  AttachedRun attached_run() {
    return AttachedRun{.in_hand = nullptr, .job = attach_to(terminal, [this] { container_gone = true; })};
  }
  Task<> live() {
    co_await session->live();
    over = true;
    changed.notify();
  }
  Task<> until_over() {
    while (!over) co_await changed.wait(in(5s));
    co_await group.join();
  }

  std::shared_ptr<MemoryTerminal> terminal;
  std::shared_ptr<RunSession> session;
  net::TaskGroup group;
  net::Event changed;
  bool over = false, container_gone = false;
};

// Output up to and with `last`.
Task<std::string> read_until(RunSession::Attachment& attachment, std::string last) {
  std::string text;
  while (!text.ends_with(last)) {
    const auto piece = co_await attachment.read();
    if (!piece) co_return text + "[end]";
    text += piece->is_error ? "[error]" + piece->data : piece->data;
  }
  co_return text;
}

Task<> read_to_the_end(RunSession::Attachment& attachment) {
  for (;;) {
    const auto piece = co_await attachment.read();
    if (!piece) co_return;
  }
}

CO_TEST(RunSession, CarriesInputOutputAndExitCode) {
  Fixture f(co_await asio::this_coro::executor);
  const auto client = f.session->attach();
  co_await client->write("hello\nerror oops\n");
  const std::string seen = co_await read_until(*client, "oops\n");
  EXPECT_EQ(seen, "ready\nhello\n[error]oops\n");
  co_await client->write("exit 7\n");
  co_await read_to_the_end(*client);
  EXPECT_EQ(client->end().why, Why::exited);
  EXPECT_EQ(client->end().exit_code, 7);
  EXPECT_FALSE(f.over);
  client->told_end();
  co_await f.until_over();
  EXPECT_TRUE(f.container_gone);
}

CO_TEST(RunSession, EndOfInputReachesTheCommand) {
  Fixture f(co_await asio::this_coro::executor);
  const auto client = f.session->attach();
  co_await client->write("last line\n");
  client->end_input();
  const std::string seen = co_await read_until(*client, "line\n");
  EXPECT_EQ(seen, "ready\nlast line\n");
  co_await read_to_the_end(*client);
  EXPECT_EQ(client->end().exit_code, 0);
  client->told_end();
  co_await f.until_over();
}

CO_TEST(RunSession, SizesAndSignalsReachTheCommand) {
  Fixture f(co_await asio::this_coro::executor, quick(), AttachOptions{.tty = true, .size = {30, 100}});
  const auto client = f.session->attach();
  co_await client->resize(TerminalSize{40, 120});
  co_await client->signal("INT");
  const std::string seen = co_await read_until(*client, "INT\n");
  EXPECT_EQ(seen, "ready\n30x100\n40x120\nsignal INT\n");
  co_await client->signal("KILL");
  co_await read_to_the_end(*client);
  EXPECT_EQ(client->end().exit_code, 137);
  client->told_end();
  co_await f.until_over();
}

CO_TEST(RunSession, EndsWhenNobodyAttaches) {
  Fixture f(co_await asio::this_coro::executor);
  const auto begin = std::chrono::steady_clock::now();
  co_await f.until_over();
  EXPECT_TRUE(f.container_gone);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 100ms);
}

CO_TEST(RunSession, EndsWhenItsClientWentWithoutDetachingAndDoesNotComeBack) {
  Fixture f(co_await asio::this_coro::executor);
  auto client = f.session->attach();
  client.reset();
  co_await f.until_over();
  EXPECT_TRUE(f.container_gone);
}

CO_TEST(RunSession, GoesOnWithItsOutputWhenTheClientComesBackInTime) {
  Fixture f(co_await asio::this_coro::executor);
  auto client = f.session->attach();
  co_await client->write("one\n");
  co_await read_until(*client, "one\n");
  co_await client->write("two\n");
  client.reset();
  client = f.session->attach();
  const std::string seen = co_await read_until(*client, "two\n");
  EXPECT_EQ(seen, "two\n");
  f.session->stop();
  co_await f.until_over();
}

CO_TEST(RunSession, GoesOnWhenTheClientDetached) {
  Fixture f(co_await asio::this_coro::executor);
  auto client = f.session->attach();
  client->detach();
  client.reset();
  co_await net::sleep_for(300ms);  // longer than it is kept unattended
  EXPECT_FALSE(f.container_gone);
  client = f.session->attach();
  co_await client->write("exit 3\n");
  co_await read_to_the_end(*client);
  EXPECT_EQ(client->end().exit_code, 3);
  client->told_end();
  co_await f.until_over();
}

CO_TEST(RunSession, DetachedOneKeepsOnlyItsNewestOutput) {
  Fixture f(co_await asio::this_coro::executor);
  auto client = f.session->attach();
  co_await client->write("flood 1000000\nlast words\n");
  client->detach();
  client.reset();
  co_await net::sleep_for(50ms);
  client = f.session->attach();
  const std::string seen = co_await read_until(*client, "last words\n");
  EXPECT_LE(seen.size(), 64U * 1024 + 100);
  f.session->stop();
  co_await f.until_over();
}

CO_TEST(RunSession, ClientThatDoesNotReadHoldsUpTheCommandAndLosesNothing) {
  Fixture f(co_await asio::this_coro::executor);
  const auto client = f.session->attach();
  co_await client->write("flood 1000000\nlast words\n");
  co_await net::sleep_for(20ms);
  const std::string seen = co_await read_until(*client, "last words\n");
  EXPECT_EQ(seen.size(), std::string("ready\nlast words\n").size() + 1'000'000);
  f.session->stop();
  co_await f.until_over();
}

CO_TEST(RunSession, EndIsKeptForAClientThatComesLate) {
  Fixture f(co_await asio::this_coro::executor);
  f.terminal->write("exit 5\n");
  co_await net::sleep_for(20ms);
  EXPECT_TRUE(f.container_gone);
  const auto client = f.session->attach();
  const std::string seen = co_await read_until(*client, "never");
  EXPECT_EQ(seen, "ready\n[end]");
  EXPECT_EQ(client->end().exit_code, 5);
  client->told_end();
  co_await f.until_over();
}

CO_TEST(RunSession, HasOneClientAtATime) {
  Fixture f(co_await asio::this_coro::executor);
  auto client = f.session->attach();
  EXPECT_THROW(f.session->attach(), Error);
  client.reset();
  EXPECT_NO_THROW(f.session->attach());
  f.session->stop();
  co_await f.until_over();
}

CO_TEST(RunSession, EndsAtItsTimeLimitWhoeverIsAttached) {
  SessionLimits limits = quick();
  limits.total = 50ms;
  Fixture f(co_await asio::this_coro::executor, limits);
  const auto client = f.session->attach();
  co_await read_to_the_end(*client);
  EXPECT_EQ(client->end().why, Why::failed);
  client->told_end();
  co_await f.until_over();
  EXPECT_TRUE(f.container_gone);
}

CO_TEST(RunSession, TellsItsClientThatTheControllerStops) {
  Fixture f(co_await asio::this_coro::executor);
  const auto client = f.session->attach();
  f.session->stop();
  co_await f.until_over();
  EXPECT_TRUE(f.container_gone);
  co_await read_to_the_end(*client);
  EXPECT_EQ(client->end().why, Why::stopped);
}

}  // namespace
}  // namespace deis::controller
