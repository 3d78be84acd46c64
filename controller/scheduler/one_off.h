#pragma once
// One-off containers on the Engine of this host: created, watched to their end, removed. Parts of
// SwarmEngine::run.

#include "controller/scheduler/engine.h"
#include "core/docker/client.h"

namespace deis::controller {

// Pulls the image when this host does not have it. Returns the container's id; it is not started.
Task<std::string> create_one_off(
    docker::Client& docker, std::string name, docker::ContainerSpec spec, Deadline deadline);

// Starts it and collects what it writes, standard output and error as they come, up to
// `max_output` bytes (then a note; the rest is read and forgotten). Error{timeout} when it has not ended at
// the deadline.
Task<RunResult> watch_one_off(
    docker::Client& docker, std::string container, std::size_t max_output, Deadline deadline);

// By force; absent is fine.
Task<> remove_quietly(docker::Client& docker, std::string container, Deadline deadline);

// Of a container's output. Error{not_found} when the container is gone.
Task<std::string> last_lines(docker::Client& docker, std::string container, int lines, Deadline deadline);

}  // namespace deis::controller
