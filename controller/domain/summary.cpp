#include "controller/domain/summary.h"

#include "core/base/text.h"

#include <fmt/format.h>

namespace deis::controller {
namespace {

// "added A, B, changed C, deleted D" with `what` in front of each list ("tag "); "" when the maps are equal.
// Maps are sorted, so the lists are too.
std::string describe_changes(const StringMap& before, const StringMap& after, const std::string& what) {
  std::vector<std::string> added, changed, deleted;
  for (const auto& [key, value] : after) {
    const auto old = before.find(key);
    if (old == before.end()) {
      added.push_back(key);
    } else if (old->second != value) {
      changed.push_back(key);
    }
  }
  for (const auto& [key, value] : before) {
    if (!after.contains(key)) deleted.push_back(key);
  }
  std::vector<std::string> parts;
  if (!added.empty()) parts.push_back("added " + what + join(added, ", "));
  if (!changed.empty()) parts.push_back("changed " + what + join(changed, ", "));
  if (!deleted.empty()) parts.push_back("deleted " + what + join(deleted, ", "));
  return join(parts, ", ");
}

std::string describe_limits(const Config& before, const Config& after) {
  std::vector<std::string> changed;
  if (before.memory != after.memory) changed.push_back("memory");
  if (before.cpu != after.cpu) changed.push_back("cpu");
  if (before.pids != after.pids) changed.push_back("pids");
  return changed.empty() ? "" : "changed limits for " + join(changed, ", ");
}

}  // namespace

std::string initial_summary(const std::string& app_owner) {
  return app_owner + " created initial release";
}

std::string rollback_summary(const std::string& user, std::int64_t target) {
  return fmt::format("{} rolled back to v{}", user, target);
}

std::string promotion_summary(const std::string& user, std::int64_t canary) {
  return fmt::format("{} promoted v{}", user, canary);
}

std::string change_summary(const ReleaseBundle& previous, const ReleaseBundle& next) {
  std::vector<std::string> parts;
  if (next.build && next.release.build_uuid != previous.release.build_uuid) {
    const Build& build = *next.build;
    parts.push_back(build.owner + " deployed " + (build.sha.empty() ? build.image : build.sha.substr(0, 7)));
  }
  const Config &before = previous.config, &after = next.config;
  for (const std::string& change :
       {describe_changes(before.values, after.values, ""),
        describe_limits(before, after),
        describe_changes(before.tags, after.tags, "tag ")}) {
    if (!change.empty()) parts.push_back(after.owner + " " + change);
  }
  if (parts.empty()) return next.release.owner + " changed nothing";
  return join(parts, " and ");
}

}  // namespace deis::controller
