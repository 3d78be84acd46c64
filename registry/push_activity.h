#pragma once
// A push sends layers first and the manifest that refers to them last. In between, a garbage collection would
// take the layers away. What the registry's files say about pushes that may be under way. Blocking.

#include <chrono>
#include <filesystem>
#include <string>

namespace deis::registry {

// Name of a repository to which something was uploaded within `window` that no newer manifest refers to; ""
// when there is none. `storage`: the registry's root directory.
std::string repository_being_pushed(
    const std::filesystem::path& storage, std::chrono::seconds window, std::filesystem::file_time_type now);

// Whether the storage holds any repository; docker-registry's collector fails on an empty one.
bool has_repositories(const std::filesystem::path& storage);

}  // namespace deis::registry
