#pragma once
// Whether this is the first installation: only then may the database initialise itself. Everything else that
// looks empty is a platform whose data was lost, and a new database on top would bury it (ARCHITECTURE.md
// §4).

#include <filesystem>
#include <string>
#include <vector>

namespace deis::ctl {

// What is left of an earlier platform, as far as it can be seen.
struct Traces {
  std::vector<std::string> directories;  // data directories with something in them, etcd's own excepted
  std::vector<std::string> etcd_keys;    // what the database writes, and /deis/platform/version
  bool none() const { return directories.empty() && etcd_keys.empty(); }
};

// The components' directories below `data_root` that are not empty. etcd's does not count: it runs when this
// is asked, and what it knows is asked from it. Throws std::filesystem::filesystem_error rather than take
// unreadable for empty.
std::vector<std::string> directories_with_data(const std::filesystem::path& data_root);

}  // namespace deis::ctl
