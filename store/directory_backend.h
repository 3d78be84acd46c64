#pragma once
// The "directory" backend: a component's volume is a directory of its own under one root on this machine.
// Blocking functions; the keeper calls them on the worker pool.

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace deis::store {

struct VolumeSpec {
  std::string_view component;
  unsigned mode;  // of the directory; what is inside belongs to the component
};

// The components that keep data, ARCHITECTURE.md §4 (etcd comes before us and has its own).
std::span<const VolumeSpec> all_volumes();

struct Space {
  std::uintmax_t free = 0, total = 0;  // bytes, for an ordinary user
};

// Why the space does not suffice; "" when it does. Below 5 % or 1 GiB servers begin to fail in ways that lose
// data.
std::string space_trouble(Space space);

// Makes the directory if it is absent and proves that it takes data: writes a file and flushes it to disk.
// Throws Error{unavailable} with the path and the cause.
void prepare_directory(const std::filesystem::path& path, unsigned mode);
Space space_of(const std::filesystem::path& path);

}  // namespace deis::store
