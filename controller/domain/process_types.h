#pragma once
// Which processes a build has, what they run, and how many of each there shall be (contract api.md §3.9,
// §4.9, §4.11). Pure. Commands are argument vectors: no text of a user is ever quoted for a shell by us.

#include "controller/domain/model.h"

namespace deis::controller {

using Counts = std::map<std::string, int>;  // process type -> number of containers

inline constexpr int kMaximumProcesses = 500;  // of one type

// Containers of type "run" are one-off: never part of the formation.
inline constexpr const char* kRunType = "run";

// What a process runs beyond its image: both empty means the image's own command.
struct ProcessCommand {
  std::vector<std::string> entrypoint, arguments;
  bool operator==(const ProcessCommand&) const = default;
};

ProcessCommand command_for(const Build& build, const std::string& type);
ProcessCommand command_for_run(const Build& build, const std::string& command);

// Started after the first deploy of an app that was never scaled.
Counts default_processes(const Build& build);
// Throws Error{invalid} with the contract's text when the build has no such type.
void check_process_type(const Build& build, const std::string& type);
// Process types of `previous` that `next` no longer has.
std::vector<std::string> dropped_types(const Build& previous, const Build& next);

// Throws Error{invalid} when a count is negative or beyond kMaximumProcesses.
void check_counts(const Counts& wanted);

// A change of the formation: containers by type and number.
struct Slot {
  std::string type;
  int num = 1;
  auto operator<=>(const Slot&) const = default;
};
struct FormationChange {
  std::vector<Slot> added, removed;
};
// New numbers continue upwards from the highest; removal takes the highest numbers first. Types that are not
// in `wanted` stay as they are.
FormationChange plan_scale(const std::vector<Container>& existing, const Counts& wanted);
// The app's structure after a scale: the request overlaid with the actual counts (contract api.md §5.4.4).
Counts structure_after(const Counts& wanted, const std::vector<Slot>& formation);

}  // namespace deis::controller
