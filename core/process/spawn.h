#pragma once
// fork and exec. Everything that allocates happens before the fork: between fork and exec only
// async-signal-safe calls are allowed, because another thread may have held any lock at that moment.

#include "core/process/process.h"

namespace deis::process {

struct Spawned {
  int pid = -1;
  int pidfd = -1;                   // becomes readable when the child ends
  int in = -1, out = -1, err = -1;  // our ends of the pipes that were asked for
};

// Throws Error{internal}. All descriptors are close-on-exec and belong to the caller.
Spawned spawn(const Command& command);

}  // namespace deis::process
