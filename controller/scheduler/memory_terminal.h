#pragma once
// The command of every attached one-off run of a MemoryEngine: a tiny shell of its own. It repeats each line
// of its input on standard output; but
//   error TEXT   writes TEXT to standard error
//   exit CODE    ends with CODE
//   flood BYTES  writes that many bytes
// It says `ready` first, tells a new size ("40x120") and signals ("signal INT"; KILL, TERM and HUP end it
// with 128 + their number), and ends with 0 at the end of its input.

#include "controller/scheduler/attached_job.h"
#include "core/net/event.h"

#include <deque>
#include <functional>

namespace deis::controller {

class MemoryTerminal {
 public:
  MemoryTerminal(Executor executor, AttachOptions options);

  void end(int code);  // as if it was killed
  bool ended() const { return ended_; }

  Task<std::optional<OutputPiece>> read(Deadline deadline);
  void write(std::string_view input);
  void end_input() { end(0); }
  void resize(TerminalSize size);
  void signal(const std::string& name);
  int exit_code() const { return exit_code_; }

 private:
  void say(std::string text, bool is_error = false);
  void obey(std::string_view line);

  bool tty_;
  std::string line_;  // not complete yet
  std::deque<OutputPiece> output_;
  net::Event changed_;
  bool ended_ = false;
  int exit_code_ = 0;
};

// `gone` is called at the end.
std::unique_ptr<AttachedJob> attach_to(std::shared_ptr<MemoryTerminal> terminal, std::function<void()> gone);

}  // namespace deis::controller
