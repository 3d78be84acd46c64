#include "core/process/process.h"

#include "core/base/error.h"
#include "core/net/socket_stream.h"
#include "core/net/watchdog.h"
#include "core/process/reaper.h"
#include "core/process/spawn.h"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

namespace deis::process {
namespace {

using Descriptor = asio::posix::stream_descriptor;

std::unique_ptr<net::Stream> pipe_stream(const Executor& executor, int fd) {
  if (fd < 0) return nullptr;
  return std::make_unique<net::SocketStream<Descriptor>>(Descriptor(executor, fd), "pipe");
}

}  // namespace

struct Process::State {
  State(const Executor& executor, const Spawned& spawned, bool group)
      : pid(spawned.pid),
        own_group(group),
        pidfd(executor, spawned.pidfd),
        in(pipe_stream(executor, spawned.in)),
        out(pipe_stream(executor, spawned.out)),
        err(pipe_stream(executor, spawned.err)) {
    remember_owned(pid);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  ~State() {
    if (!exit) {
      ::kill(own_group ? -pid : pid, SIGKILL);
      ::waitpid(pid, nullptr, 0);  // short: nothing survives SIGKILL
    }
    forget_owned(pid);
  }

  // Fetches the exit status if there is one by now.
  bool reap() {
    if (exit) return true;
    int status = 0;
    if (::waitpid(pid, &status, WNOHANG) != pid) return false;
    exit = Exit{};
    if (WIFSIGNALED(status)) {
      exit->signal = WTERMSIG(status);
      exit->code = 128 + exit->signal;
    } else {
      exit->code = WEXITSTATUS(status);
    }
    return true;
  }

  pid_t pid;
  bool own_group;
  Descriptor pidfd;  // readable once the child has ended
  std::unique_ptr<net::Stream> in, out, err;
  std::optional<Exit> exit;
};

Process::Process(std::unique_ptr<State> state) : state_(std::move(state)) {}
Process::Process(Process&&) noexcept = default;
Process::~Process() = default;

Process Process::start(Executor executor, const Command& command) {
  // A child may close its input before it has read everything; that is an error of the write, not our end.
  if (command.stdin_pipe) ::signal(SIGPIPE, SIG_IGN);
  const Spawned spawned = spawn(command);
  return Process(std::make_unique<State>(executor, spawned, command.own_group));
}

int Process::pid() const {
  return state_->pid;
}

Task<Exit> Process::wait() {
  const auto exit = co_await wait_until(Deadline::max());
  co_return *exit;
}

Task<std::optional<Exit>> Process::wait_until(Deadline deadline) {
  if (state_->reap()) co_return state_->exit;

  // A duplicate of its own for each waiter: closing it is how the deadline interrupts the wait.
  const auto executor = state_->pidfd.get_executor();
  const int copy = ::fcntl(state_->pidfd.native_handle(), F_DUPFD_CLOEXEC, 0);
  if (copy < 0) throw Error(ErrorCode::internal, "cannot wait for a child: no file descriptor left");
  Descriptor ended(executor, copy);
  net::Watchdog watchdog(executor, [&ended] { ended.close(); });
  watchdog.arm(deadline);
  boost::system::error_code error;
  co_await ended.async_wait(Descriptor::wait_read, asio::redirect_error(asio::use_awaitable, error));
  if (state_->reap()) co_return state_->exit;
  if (!watchdog.fired()) throw Error(ErrorCode::canceled, "canceled while waiting for a child");
  co_return std::nullopt;
}

void Process::signal(int number) {
  if (!state_->exit) ::kill(state_->pid, number);  // not reaped yet, so the number cannot be another process
}

void Process::signal_group(int number) {
  if (state_->own_group) ::kill(-state_->pid, number);
}

Task<> Process::end_group(Deadline deadline) {
  // Members whose parent died are ours when orphans are adopted; a zombie still counts as a member.
  while (state_->own_group && ::kill(-state_->pid, SIGKILL) == 0 &&
         std::chrono::steady_clock::now() < deadline) {
    state_->reap();
    reap_orphans();
    co_await net::sleep_for(std::chrono::milliseconds(5));
  }
}

Task<Exit> Process::stop(Deadline deadline, int first_signal) {
  signal(first_signal);
  const auto exit = co_await wait_until(deadline);
  if (exit) co_return *exit;
  signal(SIGKILL);
  co_return co_await wait();
}

net::Stream& Process::out() {
  return *state_->out;
}
net::Stream& Process::err() {
  return *state_->err;
}
net::Stream& Process::in() {
  return *state_->in;
}

}  // namespace deis::process
