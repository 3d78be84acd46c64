#include "core/process/spawn.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace deis::process {
namespace {

class Fd {
 public:
  explicit Fd(int fd = -1) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(other.release()) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Fd() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

[[noreturn]] void fail(const Command& command, const char* step, int error) {
  const std::string name = command.argv.empty() ? "a command without words" : command.argv.front();
  std::string why = std::strerror(error);
  if (*step) why = std::string(step) + ": " + why;
  throw Error(ErrorCode::internal, "cannot start " + name + ": " + why);
}

struct Pipe {
  Fd read, write;
};

Pipe open_pipe(const Command& command) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail(command, "pipe", errno);
  return Pipe{Fd(ends[0]), Fd(ends[1])};
}

// The whole path of argv[0] (PATH of the environment the command gets).
std::string find_program(const Command& command) {
  const std::string& name = command.argv.front();
  if (name.find('/') != std::string::npos) return name;
  std::string path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  if (const char* ours = ::getenv("PATH")) path = ours;
  for (const auto& [key, value] : command.env) {
    if (key == "PATH") path = value;
  }
  for (const auto directory : split(path, ':')) {
    std::string candidate = std::string(directory) + "/" + name;
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  fail(command, "", ENOENT);
}

// Everything that the child needs, made before the fork.
struct Prepared {
  std::string program, directory;
  std::vector<std::string> variables;
  std::vector<char*> argv, envp;
  int in = -1, out = -1, err = -1;  // to become 0, 1 and 2; -1 keeps ours
  int report = -1;                  // Failure is written here; closed by a successful exec
  pid_t parent = 0;
};

struct Failure {
  enum Step { directory, user, descriptors, exec } step;
  int error;
};

constexpr std::array<const char*, 4> kStepNames{"directory", "user", "descriptors", ""};

void close_other_descriptors() {
  if (::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) == 0) return;
  rlimit limit{};  // a kernel or a seccomp profile that does not know the call
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const int end = static_cast<int>(std::min<rlim_t>(limit.rlim_cur, 65536));
  for (int fd = 3; fd < end; ++fd) ::fcntl(fd, F_SETFD, FD_CLOEXEC);
}

void reset_signals() {
  for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_DFL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

bool become_user(const Command& command) {
  if (!command.uid && !command.gid) return true;
  if (::geteuid() == 0 && ::setgroups(0, nullptr) != 0) return false;
  if (command.gid && ::setresgid(*command.gid, *command.gid, *command.gid) != 0) return false;
  return !command.uid || ::setresuid(*command.uid, *command.uid, *command.uid) == 0;
}

bool move_to(int fd, int target) {
  return fd < 0 || ::dup2(fd, target) == target;
}

// In the child: becomes the program, or returns which step failed.
Failure become(const Command& command, const Prepared& prepared) {
  reset_signals();
  if (command.own_group) ::setpgid(0, 0);
  if (!move_to(prepared.in, 0) || !move_to(prepared.out, 1) || !move_to(prepared.err, 2)) {
    return {Failure::descriptors, errno};
  }
  if (!become_user(command)) return {Failure::user, errno};
  if (!prepared.directory.empty() && ::chdir(prepared.directory.c_str()) != 0)
    return {Failure::directory, errno};
  // Behind the change of user, which clears it. Our end may have come before it was set.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != prepared.parent) ::_exit(127);
  close_other_descriptors();
  for (const int fd : command.inherited) ::fcntl(fd, F_SETFD, 0);
  ::execve(prepared.program.c_str(), prepared.argv.data(), prepared.envp.data());
  return {Failure::exec, errno};
}

Prepared prepare(const Command& command) {
  if (command.argv.empty()) throw Error(ErrorCode::internal, "cannot start a command without words");
  Prepared prepared;
  prepared.program = find_program(command);
  prepared.directory = command.directory;
  prepared.parent = ::getpid();
  for (const auto& word : command.argv) prepared.argv.push_back(const_cast<char*>(word.c_str()));
  prepared.argv.push_back(nullptr);
  for (const auto& [name, value] : command.env) prepared.variables.push_back(name + "=" + value);
  if (command.env.empty()) {
    for (char** variable = environ; *variable; ++variable) prepared.envp.push_back(*variable);
  }
  for (auto& variable : prepared.variables) prepared.envp.push_back(variable.data());
  prepared.envp.push_back(nullptr);
  return prepared;
}

// The child's side and ours of one of its three standard streams.
struct Side {
  Fd child, ours;
};

Side output_side(const Command& command, Command::Output kind) {
  Side side;
  if (kind == Command::Output::discard) side.child = Fd(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  if (kind == Command::Output::pipe) {
    Pipe pipe = open_pipe(command);
    side.child = std::move(pipe.write);
    side.ours = std::move(pipe.read);
  }
  return side;
}

Side input_side(const Command& command) {
  Side side;
  if (command.stdin_pipe) {
    Pipe pipe = open_pipe(command);
    side.child = std::move(pipe.read);
    side.ours = std::move(pipe.write);
  } else {
    side.child = Fd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  }
  return side;
}

// Returns when the child has become the program; throws what kept it from that.
void wait_for_exec(const Command& command, pid_t pid, Fd report) {
  Failure failure{};
  ssize_t count = 0;
  do {
    count = ::read(report.get(), &failure, sizeof failure);
  } while (count < 0 && errno == EINTR);
  if (count == 0) return;
  ::waitpid(pid, nullptr, 0);
  if (count != sizeof failure) fail(command, "", EIO);
  fail(command, kStepNames.at(failure.step), failure.error);
}

}  // namespace

Spawned spawn(const Command& command) {
  Prepared prepared = prepare(command);
  Side in = input_side(command), out = output_side(command, command.out),
       err = output_side(command, command.err);
  Pipe report = open_pipe(command);
  prepared.in = in.child.get();
  prepared.out = out.child.get();
  prepared.err = err.child.get();
  prepared.report = report.write.get();

  const pid_t pid = ::fork();
  if (pid < 0) fail(command, "fork", errno);
  if (pid == 0) {
    const Failure failure = become(command, prepared);
    [[maybe_unused]] const auto written = ::write(prepared.report, &failure, sizeof failure);
    ::_exit(127);
  }
  report.write = Fd();
  wait_for_exec(command, pid, std::move(report.read));

  Fd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (pidfd.get() < 0) {
    const int error = errno;
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    fail(command, "pidfd", error);
  }
  return Spawned{pid, pidfd.release(), in.ours.release(), out.ours.release(), err.ours.release()};
}

}  // namespace deis::process
