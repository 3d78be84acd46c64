#pragma once
// One probe of one container, and which check that is.

#include "core/component/app_policy.h"
#include "core/net/task.h"
#include "publisher/probe_state.h"
#include "publisher/target.h"

namespace deis::publisher {

ProbeState::Timing timing_of(const component::HealthCheck& check);

// Opens a connection to the container's port, or asks for the check's path. The texts of failures are shown
// to people; "got '404', expected: '200'" is the contract's (api.md §5.6).
Task<ProbeResult> probe(Executor executor, Target target, component::HealthCheck check);

}  // namespace deis::publisher
