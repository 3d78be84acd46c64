// Short commands: start, feed, collect, wait.

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/net/task_group.h"
#include "core/process/process.h"

#include <array>

namespace deis::process {
namespace {

// A child need not read what it is given: a closed pipe is its decision, not our failure.
Task<> feed(net::Stream& stream, std::string_view input, Deadline deadline) {
  try {
    co_await stream.write_all(input, deadline);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::unavailable) throw;
  }
  stream.shutdown_write();
}

Task<> collect(net::Stream& stream, std::string& text, std::size_t limit, Deadline deadline) {
  std::array<char, 16384> piece;
  for (;;) {
    const auto count = co_await stream.read_some(piece.data(), piece.size(), deadline);
    if (count == 0) co_return;
    text.append(piece.data(), count);
    // Twice the limit before cutting, so that a long output is not moved at every piece.
    if (text.size() > 2 * limit) text.erase(0, text.size() - limit);
  }
}

void keep_tail(std::string& text, std::size_t limit) {
  if (text.size() > limit) text.erase(0, text.size() - limit);
}

std::string last_line(std::string_view text) {
  text = trim(text);
  return std::string(text.substr(text.rfind('\n') + 1));
}

Error timed_out(const Command& command) {
  return {ErrorCode::timeout, command.argv.front() + " did not end in time and was killed"};
}

}  // namespace

Task<Output> run(
    Executor executor, Command command, std::string input, Deadline deadline, std::size_t max_output) {
  command.stdin_pipe = !input.empty();
  command.out = command.err = Command::Output::pipe;
  Process child = Process::start(executor, command);
  Output output;

  net::TaskGroup group(executor);
  if (command.stdin_pipe) group.spawn(feed(child.in(), input, deadline));
  group.spawn(collect(child.out(), output.out, max_output, deadline));
  group.spawn(collect(child.err(), output.err, max_output, deadline));
  try {
    co_await group.join();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::timeout) throw;
    throw timed_out(command);
  }
  const auto exit = co_await child.wait_until(deadline);
  if (!exit) throw timed_out(command);
  output.exit = *exit;
  keep_tail(output.out, max_output);
  keep_tail(output.err, max_output);
  co_return output;
}

Task<std::string> check_output(Executor executor, Command command, Deadline deadline) {
  const std::string name = command.argv.empty() ? "" : command.argv.front();
  auto running = run(executor, std::move(command), "", deadline);
  const Output output = co_await std::move(running);
  if (!output.exit.ok()) {
    throw Error(
        ErrorCode::internal,
        name + " failed with status " + std::to_string(output.exit.code) + ": " + last_line(output.err));
  }
  co_return output.out;
}

}  // namespace deis::process
