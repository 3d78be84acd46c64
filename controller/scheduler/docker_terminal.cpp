#include "controller/scheduler/docker_terminal.h"

#include "core/base/error.h"
#include "core/docker/demux.h"

#include <array>
#include <deque>

namespace deis::controller {
namespace {

constexpr auto kEndOfTransmission = "\x04";  // what a terminal's line discipline takes for the end of input

class DockerTerminal : public AttachedJob {
 public:
  DockerTerminal(docker::Client& docker, std::string container, bool tty, std::function<void()> discard)
      : docker_(docker), container_(std::move(container)), tty_(tty), discard_(std::move(discard)) {}
  ~DockerTerminal() override { discard_(); }

  // Attached before it starts: nothing it writes is missed.
  Task<> start(TerminalSize size, Deadline deadline) {
    net::Upgraded attached = co_await docker_.attach(container_, true, deadline);
    stream_ = std::move(attached.stream);
    co_await docker_.start_container(container_, deadline);
    if (!tty_) co_return;
    try {
      co_await resize(size, deadline);
    } catch (const Error& error) {
      if (error.code() == ErrorCode::canceled) throw;
      // It has ended already: then its size does not matter.
    }
  }

  Task<std::optional<OutputPiece>> read(Deadline deadline) override {
    std::array<char, 16 * 1024> bytes;
    while (ready_.empty()) {
      const std::size_t count = co_await stream_->read_some(bytes.data(), bytes.size(), deadline);
      if (count == 0) co_return std::nullopt;
      take(std::string_view(bytes.data(), count));
    }
    std::optional<OutputPiece> piece = std::move(ready_.front());
    ready_.pop_front();
    co_return piece;
  }

  Task<> write(std::string input, Deadline deadline) override {
    co_await stream_->write_all(input, deadline);
  }

  Task<> end_input(Deadline deadline) override {
    if (tty_) {
      co_await stream_->write_all(kEndOfTransmission, deadline);
    } else {
      stream_->shutdown_write();
    }
  }

  Task<> resize(TerminalSize size, Deadline deadline) override {
    if (tty_) co_await docker_.resize_container(container_, size.rows, size.columns, deadline);
  }

  Task<> signal(std::string name, Deadline deadline) override {
    co_await docker_.kill_container(container_, std::move(name), deadline);
  }

  Task<int> exit_code(Deadline deadline) override {
    co_return co_await docker_.wait_container(container_, deadline);
  }

 private:
  void take(std::string_view bytes) {
    if (tty_) {
      ready_.push_back(OutputPiece{.data = std::string(bytes)});
      return;
    }
    for (docker::LogPiece& piece : demux_.feed(bytes)) {
      const bool is_error = piece.stream == docker::LogPiece::Stream::err;
      ready_.push_back(OutputPiece{.is_error = is_error, .data = std::move(piece.data)});
    }
  }

  docker::Client& docker_;
  std::string container_;
  bool tty_;
  std::function<void()> discard_;
  std::unique_ptr<net::Stream> stream_;
  docker::LogDemux demux_;
  std::deque<OutputPiece> ready_;
};

}  // namespace

Task<std::unique_ptr<AttachedJob>> start_attached(
    docker::Client& docker,
    std::string container,
    AttachOptions options,
    std::function<void()> discard,
    Deadline deadline) {
  auto terminal =
      std::make_unique<DockerTerminal>(docker, std::move(container), options.tty, std::move(discard));
  co_await terminal->start(options.size, deadline);
  co_return terminal;
}

}  // namespace deis::controller
