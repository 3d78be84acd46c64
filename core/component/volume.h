#pragma once
// Where a component's durable data lives is decided in one place, the store component (ARCHITECTURE.md §4).

#include "core/etcd/client.h"

#include <string>

namespace deis::component {

struct Volume {
  std::string driver;  // "directory" (later also "ceph")
  std::string path;    // for "directory"
  bool operator==(const Volume&) const = default;
};

std::string volume_key(const std::string& component);
std::string volume_value(const Volume& volume);
// Throws Error{invalid} naming the key: never guess where data is.
Volume read_volume(const std::string& key, const std::string& value);

// Waits until the store has published /deis/store/volumes/<component>. Error{unavailable} at the deadline; a
// value that cannot be read is Error{invalid}.
Task<Volume> wait_for_volume(Executor executor, etcd::Client& etcd, std::string component, Deadline deadline);

}  // namespace deis::component
