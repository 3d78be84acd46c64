#pragma once
// `deis run` with its input, terminal and exit code: one session of an attached run.

#include "cli/session.h"

#include <string>
#include <string_view>

namespace deis::cli {

struct AttachedRun {
  std::string command;
  bool tty = false;
  bool one_output = false;  // standard error of the command comes on standard output, too (contract §8.4)
  bool detach = false;      // leave it running at once
  std::string session;      // attach to this one again instead of starting one; "" starts one
};

// Returns the command's exit code; 0 when it was left running. The terminal is put back in every case.
int run_attached(Session& session, const AttachedRun& run);

// The plain form's answer [exit code, output]: prints the output, returns the code.
int print_result(const boost::json::value& answer);

// Ctrl-P Ctrl-Q leaves the command running, as docker has it. Pure: takes what is typed, gives what is for
// the command.
class DetachKeys {
 public:
  std::string feed(std::string_view typed);
  bool pressed() const { return pressed_; }

 private:
  bool held_ = false, pressed_ = false;
};

}  // namespace deis::cli
