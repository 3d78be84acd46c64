#include "controller/scheduler/memory_terminal.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace deis::controller {
namespace {

constexpr std::size_t kPiece = 16 * 1024;
constexpr std::int64_t kMaxFlood = 64 * 1024 * 1024;

class MemoryAttachment : public AttachedJob {
 public:
  MemoryAttachment(std::shared_ptr<MemoryTerminal> terminal, std::function<void()> gone)
      : terminal_(std::move(terminal)), gone_(std::move(gone)) {}
  ~MemoryAttachment() override { gone_(); }

  Task<std::optional<OutputPiece>> read(Deadline deadline) override { return terminal_->read(deadline); }
  Task<> write(std::string input, Deadline) override {
    terminal_->write(input);
    co_return;
  }
  Task<> end_input(Deadline) override {
    terminal_->end_input();
    co_return;
  }
  Task<> resize(TerminalSize size, Deadline) override {
    terminal_->resize(size);
    co_return;
  }
  Task<> signal(std::string name, Deadline) override {
    terminal_->signal(name);
    co_return;
  }
  Task<int> exit_code(Deadline) override { co_return terminal_->exit_code(); }

 private:
  std::shared_ptr<MemoryTerminal> terminal_;
  std::function<void()> gone_;
};

}  // namespace

MemoryTerminal::MemoryTerminal(Executor executor, AttachOptions options)
    : tty_(options.tty), changed_(std::move(executor)) {
  say("ready\n");
  if (tty_) resize(options.size);
}

void MemoryTerminal::say(std::string text, bool is_error) {
  if (ended_) return;
  for (std::size_t at = 0; at < text.size(); at += kPiece)
    output_.push_back(OutputPiece{.is_error = is_error && !tty_, .data = text.substr(at, kPiece)});
  changed_.notify();
}

void MemoryTerminal::end(int code) {
  if (ended_) return;
  ended_ = true;
  exit_code_ = code;
  changed_.notify();
}

Task<std::optional<OutputPiece>> MemoryTerminal::read(Deadline deadline) {
  while (output_.empty()) {
    if (ended_) co_return std::nullopt;
    const bool news = co_await changed_.wait(deadline);
    if (!news) throw Error(ErrorCode::timeout, "the command writes nothing");
  }
  std::optional<OutputPiece> piece = std::move(output_.front());
  output_.pop_front();
  co_return piece;
}

void MemoryTerminal::write(std::string_view input) {
  if (ended_) return;
  line_ += input;
  for (auto end = line_.find('\n'); end != std::string::npos && !ended_; end = line_.find('\n')) {
    const std::string line = line_.substr(0, end);
    line_.erase(0, end + 1);
    obey(line);
  }
}

void MemoryTerminal::obey(std::string_view line) {
  const auto blank = line.find(' ');
  const std::string_view word = line.substr(0, blank);
  const std::string_view rest = blank == std::string_view::npos ? "" : line.substr(blank + 1);
  if (word == "exit") return end(static_cast<int>(parse_int(rest).value_or(0)));
  if (word == "error") return say(std::string(rest) + "\n", true);
  if (word == "flood") {
    const auto count = std::clamp<std::int64_t>(parse_int(rest).value_or(0), 0, kMaxFlood);
    return say(std::string(static_cast<std::size_t>(count), 'x'));
  }
  say(std::string(line) + "\n");
}

void MemoryTerminal::resize(TerminalSize size) {
  if (tty_) say(fmt::format("{}x{}\n", size.rows, size.columns));
}

void MemoryTerminal::signal(const std::string& name) {
  static const std::map<std::string, int> deadly{{"HUP", 1}, {"KILL", 9}, {"TERM", 15}};
  say(fmt::format("signal {}\n", name));
  if (const auto number = deadly.find(name); number != deadly.end()) end(128 + number->second);
}

std::unique_ptr<AttachedJob> attach_to(std::shared_ptr<MemoryTerminal> terminal, std::function<void()> gone) {
  return std::make_unique<MemoryAttachment>(std::move(terminal), std::move(gone));
}

}  // namespace deis::controller
