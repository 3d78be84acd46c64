#pragma once
// A one-off command with its standard input, output and terminal in our hands.

#include "core/net/task.h"

#include <memory>
#include <optional>
#include <string>

namespace deis::controller {

struct TerminalSize {
  int rows = 24, columns = 80;
};

struct AttachOptions {
  bool tty = false;  // then standard output and error are one
  TerminalSize size;
};

struct OutputPiece {
  bool is_error = false;  // standard error
  std::string data;
};

// One reader (read) and one writer (write) at a time; resize and signal at any time. Its end, wherever that
// comes from, ends the container and removes it. Failures: Error{unavailable} when the engine or the
// container is gone.
class AttachedJob {
 public:
  virtual ~AttachedJob() = default;
  virtual Task<std::optional<OutputPiece>> read(Deadline deadline) = 0;  // nullopt: the command has ended
  virtual Task<> write(std::string input, Deadline deadline) = 0;
  virtual Task<> end_input(Deadline deadline) = 0;
  virtual Task<> resize(TerminalSize size, Deadline deadline) = 0;
  virtual Task<> signal(std::string name, Deadline deadline) = 0;  // "INT"
  virtual Task<int> exit_code(Deadline deadline) = 0;              // behind the end of the output
};

}  // namespace deis::controller
