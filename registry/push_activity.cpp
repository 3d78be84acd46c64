#include "registry/push_activity.h"

#include <algorithm>

namespace deis::registry {
namespace {

namespace fs = std::filesystem;
using Time = fs::file_time_type;

fs::path repositories_of(const fs::path& storage) {
  return storage / "docker" / "registry" / "v2" / "repositories";
}

// The latest change of a file or directory below `directory`; the beginning of time when there is nothing.
// Files may vanish while we look: the registry removes finished uploads.
Time newest(const fs::path& directory) {
  Time latest = Time::min();
  std::error_code gone;
  for (fs::recursive_directory_iterator entry(directory, gone), end; !gone && entry != end;
       entry.increment(gone)) {
    std::error_code failed;
    const Time changed = fs::last_write_time(entry->path(), failed);
    if (!failed) latest = std::max(latest, changed);
  }
  return latest;
}

bool is_repository(const fs::path& path) {
  return fs::exists(path / "_layers") || fs::exists(path / "_uploads");
}

bool is_being_pushed(const fs::path& repository, Time since) {
  const Time uploaded = std::max(newest(repository / "_layers"), newest(repository / "_uploads"));
  return uploaded > since && uploaded > newest(repository / "_manifests");
}

}  // namespace

std::string repository_being_pushed(const fs::path& storage, std::chrono::seconds window, Time now) {
  const fs::path root = repositories_of(storage);
  std::error_code gone;
  for (fs::recursive_directory_iterator entry(root, gone), end; !gone && entry != end;
       entry.increment(gone)) {
    const std::string name = entry->path().filename();
    if (name.starts_with('_')) {
      entry.disable_recursion_pending();
    } else if (is_repository(entry->path()) && is_being_pushed(entry->path(), now - window)) {
      return fs::relative(entry->path(), root);
    }
  }
  return "";
}

bool has_repositories(const fs::path& storage) {
  return fs::exists(repositories_of(storage));
}

}  // namespace deis::registry
