#include "controller/domain/process_types.h"

#include "core/base/error.h"
#include "core/base/excerpt.h"

#include <fmt/format.h>

#include <algorithm>

namespace deis::controller {
namespace {

// A Procfile entry is written for a shell: the one inside the app's own container, the user's own risk.
constexpr const char* kProcfileShell = "bash";
constexpr const char* kRunShell = "/bin/bash";

bool is_buildpack(const Build& build) {
  return !build.sha.empty() && build.dockerfile.empty();
}

}  // namespace

ProcessCommand command_for(const Build& build, const std::string& type) {
  const auto entry = build.procfile.find(type);
  const bool in_procfile = entry != build.procfile.end();
  if (!is_buildpack(build) && in_procfile) return {{}, {kProcfileShell, "-c", entry->second}};
  if (!is_buildpack(build) && type == "cmd") return {};
  return {{}, {"start", type}};
}

ProcessCommand command_for_run(const Build& build, const std::string& command) {
  if (is_buildpack(build) && !build.procfile.empty()) return {{"/runner/init"}, {command}};
  return {{kRunShell}, {"-c", command}};
}

Counts default_processes(const Build& build) {
  const bool image_import = build.sha.empty();
  const bool plain_dockerfile = !build.dockerfile.empty() && build.procfile.empty();
  const bool without_web = !build.procfile.empty() && !build.procfile.contains("web");
  const bool uses_cmd = image_import || plain_dockerfile || without_web;
  return {{uses_cmd ? "cmd" : "web", 1}};
}

void check_process_type(const Build& build, const std::string& type) {
  // A buildpack build without a Procfile has its `web` from the buildpack.
  const bool implied = type == "cmd" || (type == "web" && is_buildpack(build) && build.procfile.empty());
  if (implied || (type != kRunType && build.procfile.contains(type))) return;
  throw Error(
      ErrorCode::invalid, fmt::format("Container type {} does not exist in application", excerpt(type)));
}

std::vector<std::string> dropped_types(const Build& previous, const Build& next) {
  std::vector<std::string> dropped;
  for (const auto& [type, command] : previous.procfile) {
    if (!next.procfile.contains(type)) dropped.push_back(type);
  }
  return dropped;
}

void check_counts(const Counts& wanted) {
  for (const auto& [type, count] : wanted) {
    if (count >= 0 && count <= kMaximumProcesses) continue;
    throw Error(
        ErrorCode::invalid,
        fmt::format(
            "{}={} is not possible: a count is between 0 and {}", excerpt(type), count, kMaximumProcesses));
  }
}

FormationChange plan_scale(const std::vector<Container>& existing, const Counts& wanted) {
  FormationChange change;
  for (const auto& [type, count] : wanted) {
    std::vector<int> numbers;
    for (const auto& container : existing) {
      if (container.type == type) numbers.push_back(container.num);
    }
    std::ranges::sort(numbers);
    const auto actual = static_cast<int>(numbers.size());
    const int highest = numbers.empty() ? 0 : numbers.back();
    for (int i = actual; i < count; ++i) change.added.push_back({type, highest + 1 + i - actual});
    for (int i = actual; i > count; --i)
      change.removed.push_back({type, numbers[static_cast<std::size_t>(i - 1)]});
  }
  return change;
}

Counts structure_after(const Counts& wanted, const std::vector<Slot>& formation) {
  Counts structure = wanted;
  Counts actual;
  for (const auto& slot : formation) ++actual[slot.type];
  for (const auto& [type, count] : actual) structure[type] = count;
  return structure;
}

}  // namespace deis::controller
