#include "controller/domain/deployment.h"

#include "controller/domain/policy_rules.h"
#include "controller/domain/release_jobs.h"

#include <algorithm>

namespace deis::controller {
namespace {

std::vector<std::string> types_to_drop(const ReleaseBundle& current, const ReleaseBundle& next) {
  if (!current.build || !next.build) return {};
  return dropped_types(*current.build, *next.build);
}

std::vector<Slot> slots_of(const Counts& counts) {
  std::vector<Slot> slots;
  for (const auto& [type, count] : counts) {
    for (int num = 1; num <= count; ++num) slots.push_back({type, num});
  }
  return slots;
}

}  // namespace

Deployment plan_deployment(
    const App& app,
    const std::vector<Container>& formation,
    const ReleaseBundle& current,
    const ReleaseBundle& next,
    const std::string& registry) {
  Deployment plan{.rollout = {.app = app.id, .release = next.release.version}};
  plan.rollout.config_allowlist = config_allowlist(next.config.values);
  const auto dropped = types_to_drop(current, next);
  for (const auto& container : formation) {
    plan.rollout.retire.push_back(job_name(container, container.release));
    const bool is_dropped = !next.build || std::ranges::find(dropped, container.type) != dropped.end();
    if (is_dropped) {
      plan.removed.push_back({container.type, container.num});
    } else {
      plan.rollout.start.push_back(job_spec(next, registry, container.type, container.num));
    }
  }
  if (!next.build) {
    // The app counts as never scaled again: its next build starts with the default processes.
    if (!app.structure.empty()) plan.structure = Counts();
    return plan;
  }
  if (app.structure.empty()) {
    plan.structure = default_processes(*next.build);
    plan.added = slots_of(*plan.structure);
    for (const auto& slot : plan.added)
      plan.rollout.start.push_back(job_spec(next, registry, slot.type, slot.num));
  }
  return plan;
}

}  // namespace deis::controller
