#pragma once
// The terminal: what is one, colours, questions, and its raw mode for `deis run`.

#include <optional>
#include <string>
#include <termios.h>

namespace deis::cli {

bool is_terminal(int descriptor);
// Colours on standard output: only on a terminal, not with NO_COLOR or TERM=dumb.
bool colours();
struct WindowSize {
  int rows = 24, columns = 80;
};
WindowSize window_size();

// Asks on standard output (on standard error with `aside`, when that is for data), reads a line of standard
// input. Throws Error{invalid} at its end.
std::string prompt(const std::string& question, bool aside = false);
// The same without echo; the terminal is put back in every case.
std::string prompt_secret(const std::string& question);

// Restores the terminal's settings when it ends, and when a signal ends the program.
class TerminalMode {
 public:
  enum class Kind { silent, raw };  // no echo; every byte as it is typed
  explicit TerminalMode(Kind kind);
  ~TerminalMode();
  TerminalMode(const TerminalMode&) = delete;
  TerminalMode& operator=(const TerminalMode&) = delete;
  bool active() const { return active_; }

 private:
  bool active_ = false;
};

}  // namespace deis::cli
