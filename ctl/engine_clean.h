#pragma once
// What an unclean end of Docker Engine (power loss, kill -9) leaves behind and its next start trips over.
//
// The bridge driver writes every network of its own into network/files/local-kv.db and restores it at the
// start. libnetwork, above it, does not write down Swarm's networks, because Swarm makes them again: but then
// the driver says "network <id> exists" to that, every task on the network is rejected, for ever (moby
// #37087). A clean end removes them. So does this, while the Engine is down.

#include "ctl/bolt_file.h"

#include <filesystem>
#include <set>
#include <string>

namespace deis::ctl {

inline constexpr const char* kEngineRoot = "/var/lib/docker";

// Pure: the ids of networks that only the driver remembers.
std::set<std::string> stale_networks(const std::vector<BoltEntry>& entries);

// Removes them from the file below the Engine's data root, which is copied to local-kv.db.deis-backup first.
// Returns the removed ids. Error{conflict} while the Engine runs, which holds the file's lock; Error{invalid}
// when the file is not as expected: nothing is changed then.
std::set<std::string> clean_engine(const std::filesystem::path& engine_root);

}  // namespace deis::ctl
