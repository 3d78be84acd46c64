#include "cli/terminal.h"

#include "core/base/error.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <sys/ioctl.h>
#include <unistd.h>

namespace deis::cli {
namespace {

// One mode at a time; the signal handler needs it where it can reach it.
termios g_before{};
volatile std::sig_atomic_t g_changed = 0;
constexpr std::array kEnding{SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGABRT, SIGSEGV};
std::array<struct sigaction, kEnding.size()> g_handlers_before{};

void restore() {
  if (!g_changed) return;
  g_changed = 0;
  ::tcsetattr(STDIN_FILENO, TCSANOW, &g_before);
}

void restore_and_end(int number) {
  restore();
  std::signal(number, SIG_DFL);
  std::raise(number);
}

std::string read_line() {
  std::string line;
  if (!std::getline(std::cin, line)) throw Error(ErrorCode::invalid, "no answer on standard input");
  if (line.ends_with('\r')) line.pop_back();
  return line;
}

}  // namespace

bool is_terminal(int descriptor) {
  return ::isatty(descriptor) == 1;
}

bool colours() {
  const char* no_color = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  const bool dumb = !term || std::string(term) == "dumb";
  return is_terminal(STDOUT_FILENO) && !dumb && !(no_color && *no_color);
}

WindowSize window_size() {
  winsize size{};
  WindowSize result;
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 || ::ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0) {
    constexpr int kMost = 1000;  // what the controller takes
    if (size.ws_row > 0) result.rows = std::min<int>(size.ws_row, kMost);
    if (size.ws_col > 0) result.columns = std::min<int>(size.ws_col, kMost);
  }
  return result;
}

std::string prompt(const std::string& question, bool aside) {
  (aside ? std::cerr : std::cout) << question << std::flush;
  return read_line();
}

std::string prompt_secret(const std::string& question) {
  std::string secret;
  {
    // Silent before the question is seen: who answers at once is not echoed, nor is what he types lost.
    const TerminalMode silent(TerminalMode::Kind::silent);
    std::cout << question << std::flush;
    secret = read_line();
  }
  std::cout << "\n" << std::flush;
  return secret;
}

TerminalMode::TerminalMode(Kind kind) {
  if (::tcgetattr(STDIN_FILENO, &g_before) != 0) return;
  termios changed = g_before;
  if (kind == Kind::raw) {
    ::cfmakeraw(&changed);
  } else {
    changed.c_lflag &= ~static_cast<tcflag_t>(ECHO);
  }
  struct sigaction action{};
  action.sa_handler = restore_and_end;
  for (std::size_t i = 0; i < kEnding.size(); ++i) ::sigaction(kEnding[i], &action, &g_handlers_before[i]);
  g_changed = 1;
  // What was typed ahead is for the command; for a password it is not.
  active_ = ::tcsetattr(STDIN_FILENO, kind == Kind::raw ? TCSADRAIN : TCSAFLUSH, &changed) == 0;
}

TerminalMode::~TerminalMode() {
  if (!g_changed) return;
  restore();
  for (std::size_t i = 0; i < kEnding.size(); ++i) ::sigaction(kEnding[i], &g_handlers_before[i], nullptr);
}

}  // namespace deis::cli
