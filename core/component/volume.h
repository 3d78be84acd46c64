#pragma once
// Where a component's durable data lives is decided in one place, the store component (ARCHITECTURE.md §4).

#include <string>

#include "core/etcd/client.h"

namespace deis::component {

struct Volume {
  std::string driver;  // "directory" (later also "ceph")
  std::string path;    // for "directory"
};

// Waits until the store has published /deis/store/volumes/<component>. Error{unavailable} at the deadline; a value
// that cannot be read is Error{invalid}: never guess where data is.
Task<Volume> wait_for_volume(Executor executor, etcd::Client& etcd, std::string component, Deadline deadline);

}  // namespace deis::component
