#include "controller/acme/client.h"

#include "controller/acme/hook.h"
#include "controller/acme/run_directory.h"
#include "core/base/text.h"
#include "core/net/task_group.h"
#include "core/process/process.h"

#include <boost/asio/this_coro.hpp>

namespace deis::controller::acme {
namespace {

constexpr std::size_t kMaximumOutput = 256 * 1024;
constexpr int kNonceTries = 4;
constexpr auto kPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

using Arguments = std::vector<std::string>;

process::Command command_of(
    const std::string& program, const std::string& place, const Order& order, const Arguments& what) {
  process::Command command;
  command.argv = {program, "--config", place + "/" + kConfigFile, "--ca", order.directory, "--privkey"};
  command.argv.push_back(place + "/" + kAccountKeyFile);
  command.argv.insert(command.argv.end(), what.begin(), what.end());
  command.env = {
      {"PATH", kPath},
      {"LC_ALL", "C"},
      {"HOME", place},
      {"TMPDIR", place},
      {kGateVariable, place + "/" + kGateFile}};
  command.directory = place;
  command.own_group = true;  // it is a script: its children end with it
  return command;
}

// "ERROR: Problem connecting to server (get for https://...; curl returned with 7)"
std::string last_error(const std::string& output) {
  constexpr std::string_view mark = "ERROR: ";
  const auto at = output.rfind(mark);
  if (at == output.npos) return "";
  const auto begin = at + mark.size();
  return output.substr(begin, std::min(output.find('\n', begin), output.size()) - begin);
}

// The order as told by hook and output. Whoever cannot be reached has counted nothing.
OrderFailed failure_of(const Gate& gate, const std::string& output) {
  if (const auto& refusal = gate.refusal()) {
    const Problem& problem = refusal->problem;
    const std::string type = problem.type.empty() ? "" : " (" + problem.type + ")";
    return OrderFailed(refusal->failure, problem.detail + type, refusal->retry_after);
  }
  const std::string error = last_error(output);
  if (error.starts_with("Problem connecting"))
    return OrderFailed(Failure::before_order, "the certificate authority cannot be reached: " + error);
  const std::string why = error.empty() ? "without a reason" : read_problem(error).detail;
  return OrderFailed(Failure::refused, "the order failed: " + why);
}

}  // namespace

Client::Client(Executor executor, Options options, Log log)
    : executor_(std::move(executor)), options_(std::move(options)), log_(log) {
  RunDirectory::remove_orphans(options_.runs);
  if (options_.hook.empty()) options_.hook = std::filesystem::read_symlink("/proc/self/exe");
}

Task<std::string> Client::order(Order order, Publish publish) {
  const RunDirectory directory(options_.runs);
  const std::string place = directory.path().string();
  directory.fill(order, options_.hook);
  Gate gate(executor_, place + "/" + kGateFile, order.domain, std::move(publish), log_);
  net::TaskGroup group(executor_);
  group.spawn(gate.run());
  std::string chain;
  std::exception_ptr failure;
  try {
    chain = co_await run_program(place, order, gate, in(options_.limit));
  } catch (...) {
    failure = std::current_exception();
  }
  // A controller that stops waits for the gate all the same; join() itself sees to a stop that comes now.
  const auto state = co_await asio::this_coro::cancellation_state;
  const bool stopping = state.cancelled() != asio::cancellation_type::none;
  if (stopping) co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  group.cancel();
  co_await group.join();
  if (failure) std::rethrow_exception(failure);
  co_return chain;
}

// Registering is for an account that exists only a question. An authority may find a nonce stale and wants to
// be asked again (RFC 8555 §6.5); nothing is counted then.
Task<std::string> Client::run_program(
    const std::string& place, const Order& order, Gate& gate, Deadline deadline) {
  const Arguments steps[] = {{"--register", "--accept-terms"}, {"--signcsr", place + "/" + kRequestFile}};
  process::Output output;
  for (const Arguments& step : steps) {
    for (int tries = 1;; ++tries) {
      gate.forget();
      process::Command command = command_of(options_.program, place, order, step);
      try {
        output = co_await process::run(executor_, std::move(command), "", deadline, kMaximumOutput);
      } catch (const Error& error) {
        if (error.code() != ErrorCode::timeout) throw;
        throw OrderFailed(Failure::refused, "the order did not come to an end in time");
      }
      if (output.exit.ok()) break;
      const bool stale = gate.refusal() && gate.refusal()->problem.type == "badNonce";
      if (!stale || tries == kNonceTries) throw failure_of(gate, output.out + output.err);
    }
  }
  co_return output.out;
}

}  // namespace deis::controller::acme
