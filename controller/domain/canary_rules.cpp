#include "controller/domain/canary_rules.h"

#include "controller/domain/release_jobs.h"
#include "controller/scheduler/health.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace deis::controller {
namespace {

bool has_type(const Build& build, const std::string& type) {
  try {
    check_process_type(build, type);
    return true;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

void check_weight(std::int64_t weight) {
  if (weight >= kLeastWeight && weight <= kMostWeight) return;
  throw Error(
      ErrorCode::invalid,
      "weight",
      fmt::format(
          "This must be a number from {} to {}, per cent of the requests.", kLeastWeight, kMostWeight));
}

void check_canary_count(std::int64_t count) {
  if (count >= 1 && count <= kMaximumProcesses) return;
  throw Error(
      ErrorCode::invalid, "count", fmt::format("This must be a number from 1 to {}.", kMaximumProcesses));
}

Error canary_is_on(const AppCanary& canary) {
  return Error(
      ErrorCode::conflict,
      fmt::format("v{} is a canary of {}: promote or abort it first", canary.release, canary.app));
}

Counts canary_containers(const Build& build, const std::vector<Container>& formation, int count) {
  Counts containers;
  for (const auto& container : formation) {
    const bool answers = is_routable(ProcessType::parse(container.type));
    if (answers && has_type(build, container.type)) containers[container.type] = count;
  }
  if (!containers.empty()) return containers;
  for (const auto& [type, unused] : default_processes(build)) containers[type] = count;
  return containers;
}

std::vector<JobSpec> canary_jobs(
    const ReleaseBundle& bundle, const Counts& containers, const std::string& registry) {
  std::vector<JobSpec> jobs;
  for (const auto& [type, count] : containers) {
    for (int num = 1; num <= count; ++num) jobs.push_back(job_spec(bundle, registry, type, num));
  }
  return jobs;
}

RolloutPlan plan_canary(
    const AppId& app,
    std::int64_t live,
    const ReleaseBundle& bundle,
    const Counts& before,
    const AppCanary& wanted,
    const std::string& registry) {
  RolloutPlan plan{.app = app, .release = live};
  plan.canary = Canary{.release = wanted.release, .weight = wanted.weight};
  std::set<JobName> running, kept;
  for (const auto& job : canary_jobs(bundle, before, registry)) running.insert(job.name);
  for (auto& job : canary_jobs(bundle, wanted.containers, registry)) {
    kept.insert(job.name);
    if (!running.contains(job.name)) plan.start.push_back(std::move(job));
  }
  for (const auto& job : running) {
    if (!kept.contains(job)) plan.retire.push_back(job);
  }
  return plan;
}

}  // namespace deis::controller
