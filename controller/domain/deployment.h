#pragma once
// What a new release does to an app's containers, as a value (contract api.md §5.2, §5.3, §5.5). Pure:
// Releases carries it out.

#include "controller/domain/model.h"
#include "controller/domain/process_types.h"
#include "controller/scheduler/scheduler.h"

namespace deis::controller {

struct Deployment {
  RolloutPlan rollout;               // `tell` is left to the caller
  std::vector<Slot> added, removed;  // of the formation
  std::optional<Counts> structure;   // when it changes
};

// `next.release.version` is the number the release will have. Types that the build no longer has lose their
// containers; an app that was never scaled gets its default processes; a release without build (rollback to
// v1) stops everything.
Deployment plan_deployment(
    const App& app,
    const std::vector<Container>& formation,
    const ReleaseBundle& current,
    const ReleaseBundle& next,
    const std::string& registry);

}  // namespace deis::controller
