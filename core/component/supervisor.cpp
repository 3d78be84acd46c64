#include "core/component/supervisor.h"

#include "core/base/error.h"
#include "core/net/backoff.h"

#include <boost/asio/this_coro.hpp>

namespace deis::component {
namespace {

constexpr auto kLongRun = std::chrono::seconds(10);  // a server that lived this long started well
constexpr auto kReapInterval = std::chrono::seconds(2);
constexpr auto kGroupEnd = std::chrono::seconds(5);

std::string describe(const process::Exit& exit) {
  if (exit.signal != 0) return "ended by signal " + std::to_string(exit.signal);
  return "ended with status " + std::to_string(exit.code);
}

}  // namespace

Supervisor::Supervisor(
    Executor executor, std::string name, std::function<process::Command()> command, Log log, Options options)
    : executor_(executor),
      name_(std::move(name)),
      command_(std::move(command)),
      log_(log.with("server", name_)),
      options_(options) {
  process::adopt_orphans();
}

void Supervisor::before_start(std::function<Task<>()> prepare) {
  prepare_ = std::move(prepare);
}

void Supervisor::signal(int number) {
  if (child_) child_->signal(number);
}

int Supervisor::pid() const {
  return child_ ? child_->pid() : 0;
}

Task<> Supervisor::run() {
  std::exception_ptr failure;
  try {
    co_await keep_running();
  } catch (...) {
    failure = std::current_exception();
  }
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  if (child_) {
    const auto exit = co_await child_->stop(in(options_.stop_timeout), options_.stop_signal);
    log_.info("stopped", {{"how", describe(exit)}});
    co_await end_child();
  }
  std::rethrow_exception(failure);
}

Task<> Supervisor::keep_running() {
  net::Backoff backoff(options_.first_backoff, options_.max_backoff);
  for (int restarts = 0;;) {
    const auto begin = std::chrono::steady_clock::now();
    const std::string why = co_await run_once();
    if (std::chrono::steady_clock::now() - begin > kLongRun) {
      backoff.reset();
      restarts = 0;
    }
    log_.error("the server is down, starting it again", {{"why", why}, {"restarts", restarts}});
    if (options_.max_restarts_in_a_row > 0 && ++restarts > options_.max_restarts_in_a_row) {
      throw Error(ErrorCode::unavailable, name_ + " does not stay up: " + why);
    }
    const auto pause = backoff.next();
    co_await net::sleep_for(pause);
  }
}

Task<std::string> Supervisor::run_once() {
  try {
    if (prepare_) co_await prepare_();
    process::Command command = command_();
    command.own_group = true;
    child_ = std::make_unique<process::Process>(process::Process::start(executor_, command));
  } catch (const Error& error) {
    if (error.code() == ErrorCode::canceled) throw;
    co_return error.what();
  }
  log_.info("started", {{"pid", child_->pid()}});
  std::optional<process::Exit> exit;
  while (!exit) {
    exit = co_await child_->wait_until(in(kReapInterval));
    process::reap_orphans();
  }
  co_await end_child();
  co_return describe(*exit);
}

// The server has ended; nothing of it may survive.
Task<> Supervisor::end_child() {
  co_await child_->end_group(in(kGroupEnd));
  child_.reset();
}

}  // namespace deis::component
