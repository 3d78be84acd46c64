#pragma once
// An AttachedJob over Docker's attach: a hijacked connection, raw for a TTY, multiplexed without one.

#include "controller/scheduler/attached_job.h"
#include "core/docker/client.h"

#include <functional>

namespace deis::controller {

// Attaches to a container that was created (with stdin open) and starts it. `discard` is called once, at the
// end, when the container is to be removed, also when this throws.
Task<std::unique_ptr<AttachedJob>> start_attached(
    docker::Client& docker,
    std::string container,
    AttachOptions options,
    std::function<void()> discard,
    Deadline deadline);

}  // namespace deis::controller
