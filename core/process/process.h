#pragma once
// Child processes from an argument vector (never a shell): servers that a component supervises, and git,
// initdb... Children die with us (PR_SET_PDEATHSIG) unless asked otherwise. Loop thread only; waits use
// pidfds, never SIGCHLD.

#include "core/net/stream.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace deis::process {

struct Command {
  std::vector<std::string> argv;                         // argv[0] is looked up in PATH
  std::vector<std::pair<std::string, std::string>> env;  // the whole environment; empty inherits ours
  std::string directory;                                 // "" stays
  std::optional<unsigned> uid, gid;  // dropped to before exec (supplementary groups cleared)
  enum class Output { inherit, discard, pipe };
  Output out = Output::inherit, err = Output::inherit;
  bool stdin_pipe = false;     // else /dev/null
  std::vector<int> inherited;  // descriptors that stay open under their numbers, besides 0, 1 and 2
  bool own_group = false;      // leads a process group: signal_group() reaches its children
};

struct Exit {
  int code = 0;    // exit status, or 128 + signal
  int signal = 0;  // 0 when it ended by itself
  bool ok() const { return code == 0; }
};

class Process {
 public:
  // Throws Error{internal} "cannot start <argv0>: <why>".
  static Process start(Executor executor, const Command& command);
  Process(Process&&) noexcept;
  ~Process();  // kills a child that still runs

  int pid() const;
  Task<Exit> wait();
  Task<std::optional<Exit>> wait_until(Deadline deadline);  // nullopt: still running
  void signal(int number);                                  // nothing happens when it has ended
  // To all that is left of its group (own_group), also when it has ended itself.
  void signal_group(int number);
  // SIGKILL to whatever is left of its group, until nothing is; gives up at `deadline`.
  Task<> end_group(Deadline deadline);
  // Ends it: SIGTERM (or `first_signal`), and SIGKILL at `deadline`.
  Task<Exit> stop(Deadline deadline, int first_signal = 15);
  // Ends of the pipes that were asked for. The stream stays valid as long as the Process lives.
  net::Stream& out();
  net::Stream& err();
  net::Stream& in();

 private:
  struct State;
  explicit Process(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

struct Output {
  Exit exit;
  std::string out, err;  // at most `max_output` bytes each, the tail when there was more
};

// Starts, feeds `input`, collects both outputs, waits. At the deadline the child is killed and Error{timeout}
// thrown.
Task<Output> run(
    Executor executor,
    Command command,
    std::string input,
    Deadline deadline,
    std::size_t max_output = 1 << 20);
// Same, and a status other than 0 is Error{internal} with argv[0], the status and the last line of stderr.
Task<std::string> check_output(Executor executor, Command command, Deadline deadline);

// Orphans of our children become ours (PR_SET_CHILD_SUBREAPER), so that a supervisor can wait for their end
// too...
void adopt_orphans();
// ... and those that ended are taken off the process table here. Call it now and then.
void reap_orphans();

}  // namespace deis::process
