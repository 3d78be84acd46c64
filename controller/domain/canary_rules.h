#pragma once
// What a canary is made of, as values: a release of the app that runs beside the live one. Pure; Canaries and
// Releases carry it out.

#include "controller/domain/model.h"
#include "controller/domain/process_types.h"
#include "controller/scheduler/scheduler.h"
#include "core/base/error.h"

namespace deis::controller {

// A new release that shall be a canary first.
struct CanaryWish {
  int weight = 1;
  int count = 1;  // of each type
};

// Error{invalid, "weight"} unless it is 1 to 99.
void check_weight(std::int64_t weight);
// Error{invalid, "count"} unless there can be so many.
void check_canary_count(std::int64_t count);

// Why no other release can be made: it would be compared with something that changes.
Error canary_is_on(const AppCanary& canary);

// `count` of each type that answers requests, of those that the app runs and the build has; when that is
// none, of the build's own.
Counts canary_containers(const Build& build, const std::vector<Container>& formation, int count);

// `bundle.build` must be there.
std::vector<JobSpec> canary_jobs(
    const ReleaseBundle& bundle, const Counts& containers, const std::string& registry);

// Makes the canary what `wanted` says. `before`: what it is made of now, empty when there is none.
RolloutPlan plan_canary(
    const AppId& app,
    std::int64_t live,
    const ReleaseBundle& bundle,
    const Counts& before,
    const AppCanary& wanted,
    const std::string& registry);

}  // namespace deis::controller
