#include "core/process/reaper.h"

#include "core/process/process.h"

#include <set>
#include <sys/prctl.h>
#include <sys/wait.h>

namespace deis::process {
namespace {

std::set<int>& owned() {
  static std::set<int> pids;
  return pids;
}

}  // namespace

void remember_owned(int pid) {
  owned().insert(pid);
}
void forget_owned(int pid) {
  owned().erase(pid);
}

void adopt_orphans() {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
}

void reap_orphans() {
  for (;;) {
    siginfo_t ended{};
    if (::waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT) != 0 || ended.si_pid == 0) return;
    // Its owner has not looked yet. It hides those behind it; they are taken the next time.
    if (owned().contains(ended.si_pid)) return;
    ::waitpid(ended.si_pid, nullptr, 0);
  }
}

}  // namespace deis::process
