// deisctl list, machines, status: what Swarm and etcd say about the components.

#include "core/base/text.h"
#include "ctl/commands.h"
#include "ctl/console.h"
#include "ctl/ignored_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace deis::ctl {
namespace {

// The service manager's words, which operators know from the original.
struct UnitState {
  std::string load, active, sub;
};

UnitState unit_state(const Sighting& seen) {
  if (!seen.service) return {.load = "not-found", .active = "inactive", .sub = "dead"};
  if (seen.service->replicas == 0) return {.load = "loaded", .active = "inactive", .sub = "dead"};
  if (seen.tasks.empty()) return {.load = "loaded", .active = "activating", .sub = "pending"};
  const auto& state = seen.tasks.front().state;
  if (state == "running") return {.load = "loaded", .active = "active", .sub = "running"};
  if (state == "failed" || state == "rejected") return {.load = "loaded", .active = "failed", .sub = state};
  return {.load = "loaded", .active = "activating", .sub = state};
}

std::string machine_name(const docker::Node& node) {
  return fmt::format("{}.../{}", node.id.substr(0, 8), node.address);
}

std::string machine_of(const Sighting& seen, const std::vector<docker::Node>& nodes) {
  if (seen.tasks.empty()) return "-";
  const auto node = std::ranges::find(nodes, seen.tasks.front().node_id, &docker::Node::id);
  return node == nodes.end() ? "-" : machine_name(*node);
}

std::string version_of(const std::string& image) {
  const auto colon = image.rfind(':');
  return colon == std::string::npos ? image : image.substr(colon + 1);
}

void print_announced(const Component& component, const Sighting& seen) {
  if (!seen.announced) {
    fmt::print("Announced: unknown, etcd does not answer\n");
  } else if (seen.announced->empty() && component.admin_port != 0) {
    fmt::print("Announced: nowhere\n");
  } else {
    for (const auto& entry : *seen.announced) fmt::print("Announced: {} {}\n", entry.key, entry.value);
  }
}

void print_status(const Component& component, const Sighting& seen) {
  const auto unit = unit_state(seen);
  fmt::print("{}\n", component.service());
  fmt::print("   Loaded: {}\n", unit.load);
  fmt::print("   Active: {} ({})\n", unit.active, unit.sub);
  if (!seen.service) return;
  fmt::print("  Version: {} ({})\n", version_of(seen.service->image), seen.service->image);
  if (!seen.tasks.empty()) fmt::print("    Since: {}\n", seen.tasks.front().updated_at);
  const auto failures = std::ranges::count(seen.tasks, "failed", &docker::TaskInfo::state);
  fmt::print(" Restarts: {} remembered by Swarm\n", failures);
  const auto failure = last_failure(seen.tasks);
  if (!failure.empty()) fmt::print("Last fail: {}\n", failure);
  print_announced(component, seen);
}

}  // namespace

Task<> list(Platform& platform) {
  const auto nodes = co_await platform.docker().nodes(Platform::soon());
  std::vector<std::vector<std::string>> rows;
  rows.push_back({"UNIT", "MACHINE", "LOAD", "ACTIVE", "SUB"});
  for (const auto& component : all_components()) {
    const auto seen = co_await platform.look(component);
    if (!seen.service) continue;
    const auto unit = unit_state(seen);
    rows.push_back({component.service(), machine_of(seen, nodes), unit.load, unit.active, unit.sub});
  }
  fmt::print("{}", format_table(rows));
}

Task<> machines(Platform& platform) {
  const auto nodes = co_await platform.docker().nodes(Platform::soon());
  std::vector<std::vector<std::string>> rows;
  rows.push_back({"MACHINE", "IP", "METADATA"});
  for (const auto& node : nodes) {
    std::vector<std::string> metadata;
    for (const auto& [name, value] : node.labels) metadata.push_back(name + "=" + value);
    rows.push_back({node.hostname, node.address, metadata.empty() ? "-" : join(metadata, ",")});
  }
  fmt::print("{}", format_table(rows));
}

Task<> status(Platform& platform, std::vector<std::string> targets) {
  const auto components = expand_targets(targets);
  for (const auto& component : components) {
    const auto seen = co_await platform.look(component);
    print_status(component, seen);
    for (const auto& line : ignored_settings(seen.problems)) fmt::print("  Ignored: {}\n", line);
  }
}

}  // namespace deis::ctl
