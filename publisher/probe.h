#pragma once
// One probe of one container, and which check that is.

#include "core/component/app_policy.h"
#include "core/net/task.h"
#include "publisher/probe_slots.h"
#include "publisher/probe_state.h"
#include "publisher/target.h"

namespace deis::publisher {

ProbeState::Timing timing_of(const component::HealthCheck& check);

class Prober {
 public:
  explicit Prober(Executor executor, ProbeSlots::Limits limits = {})
      : executor_(executor), slots_(std::move(executor), limits) {}

  // Opens a connection to the container's port, or asks for the check's path. The texts of failures are shown
  // to people; "got '404', expected: '200'" is the contract's (api.md §5.6). `target` outlives the call.
  Task<ProbeResult> probe(const Target& target, component::HealthCheck check);

 private:
  Executor executor_;
  ProbeSlots slots_;
};

}  // namespace deis::publisher
