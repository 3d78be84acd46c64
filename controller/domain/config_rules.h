#pragma once
// Rules of an app's configuration (contract api.md §4.4): what may be in the four maps, and how a change is
// merged into the configuration of the latest release. `pids` is ours: it is set and shown as a limit only.
// Pure.

#include "controller/domain/model.h"

namespace deis::controller {

// What a request wants to change in one map: a value sets the key, nullopt removes it.
using Patch = std::map<std::string, std::optional<std::string>>;

struct ConfigPatch {
  Patch values, memory, cpu, tags, pids;
};

// The maps of `base` with `patch` merged in; uuid, owner and dates are the caller's. Throws ValidationError
// that names every map with a bad key or value.
Config merge(const Config& base, const ConfigPatch& patch);

// What merge() would say about the patch whatever the base is: before an app's lock is waited for.
void check_patch(const ConfigPatch& patch);

// "512M" -> 536870912. Throws Error{invalid, "memory"} when it is not digits and a unit B, K, M, G, KB, MB,
// GB.
std::int64_t memory_bytes(std::string_view limit);

}  // namespace deis::controller
