#include "cli/stdin_reader.h"

#include "core/base/error.h"

#include <boost/asio/post.hpp>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace deis::cli {
namespace {

constexpr std::size_t kPiece = 32 * 1024;

}  // namespace

StdinReader::StdinReader(Executor executor) : executor_(executor), arrived_(executor) {
  wake_ = ::eventfd(0, EFD_CLOEXEC);
  if (wake_ < 0) throw Error(ErrorCode::internal, "cannot wait for standard input");
  // Signals are the main thread's.
  sigset_t all, before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([this] { work(); });
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

StdinReader::~StdinReader() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  taken_.notify_one();
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wake_, &one, sizeof(one));
  thread_.join();
  ::close(wake_);
}

bool StdinReader::wait_readable() const {
  std::array<pollfd, 2> waiting{pollfd{STDIN_FILENO, POLLIN, 0}, pollfd{wake_, POLLIN, 0}};
  while (::poll(waiting.data(), waiting.size(), -1) < 0) {
    if (errno != EINTR) return false;
  }
  return waiting[1].revents == 0;
}

void StdinReader::work() {
  std::string bytes(kPiece, '\0');
  for (bool more = true; more;) {
    if (!wait_readable()) return;
    const ssize_t count = ::read(STDIN_FILENO, bytes.data(), bytes.size());
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    more = count > 0;
    std::unique_lock lock(mutex_);
    taken_.wait(lock, [this] { return !full_ || stopped_; });
    if (stopped_) return;
    piece_.assign(bytes, 0, more ? static_cast<std::size_t>(count) : 0);
    full_ = true;
    asio::post(executor_, [this] { arrived_.notify(); });
  }
}

Task<std::string> StdinReader::read() {
  while (!ended_) {
    {
      const std::lock_guard lock(mutex_);
      if (full_) {
        full_ = false;
        ended_ = piece_.empty();
        taken_.notify_one();
        co_return std::move(piece_);
      }
    }
    co_await arrived_.wait(in(std::chrono::hours(1)));
  }
  co_return std::string();
}

}  // namespace deis::cli
