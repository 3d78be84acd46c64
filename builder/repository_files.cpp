#include "builder/repository_files.h"

#include "core/base/error.h"

#include <fmt/format.h>

namespace deis::builder::repository_files {
namespace fs = std::filesystem;

namespace {

constexpr auto kRepository = ".git", kDoomed = ".removed";

template <typename Work>
auto telling(const char* what, const Work& work) {
  try {
    return work();
  } catch (const fs::filesystem_error& error) {
    throw Error(ErrorCode::internal, fmt::format("{}: {}", what, error.what()));
  }
}

// Links are removed, never followed.
void remove_tree(const fs::path& path, Deadline deadline) {
  if (std::chrono::steady_clock::now() > deadline)
    throw Error(ErrorCode::timeout, path.string() + " could not be removed in time");
  if (fs::symlink_status(path).type() == fs::file_type::directory) {
    for (const auto& entry : fs::directory_iterator(path)) remove_tree(entry.path(), deadline);
  }
  fs::remove(path);
}

bool is_older(const fs::path& path, std::chrono::seconds age) {
  return fs::last_write_time(path) + age <= fs::file_time_type::clock::now();
}

// "incoming-..." or "tmp_objdir-incoming-...": git has changed its mind.
std::vector<fs::path> quarantines(const fs::path& repository) {
  std::vector<fs::path> found;
  if (!fs::exists(repository / "objects")) return found;
  for (const auto& entry : fs::directory_iterator(repository / "objects")) {
    if (entry.path().filename().string().find("incoming-") != std::string::npos)
      found.push_back(entry.path());
  }
  return found;
}

}  // namespace

bool is_whole(const fs::path& repository) {
  return telling("a repository cannot be looked at", [&] {
    return fs::exists(repository / "HEAD") && fs::exists(repository / "config") &&
           fs::exists(repository / "objects");
  });
}

std::vector<AppId> list(const fs::path& root) {
  return telling("repositories cannot be listed", [&] {
    std::vector<AppId> apps;
    for (const auto& entry : fs::directory_iterator(root)) {
      if (entry.path().extension() != kRepository) continue;
      try {
        apps.push_back(AppId::parse(entry.path().stem().string()));
      } catch (const Error&) {
        // Not of an app: nothing that we made.
      }
    }
    return apps;
  });
}

void erase(const fs::path& root, const AppId& app, Deadline deadline) {
  telling("a repository cannot be removed", [&] {
    const fs::path path = root / (app.str() + kRepository), doomed = root / (app.str() + kDoomed);
    // A directory cannot be renamed to one that holds something, as a removal that was killed leaves it.
    remove_tree(doomed, deadline);
    if (!fs::exists(path)) return;
    fs::rename(path, doomed);
    remove_tree(doomed, deadline);
  });
}

void finish_removals(const fs::path& root, Deadline deadline) {
  telling("the rest of a removed repository cannot be removed", [&] {
    std::vector<fs::path> doomed;
    for (const auto& entry : fs::directory_iterator(root)) {
      if (entry.path().extension() == kDoomed) doomed.push_back(entry.path());
    }
    for (const fs::path& path : doomed) remove_tree(path, deadline);
  });
}

void remove_quarantine(const fs::path& repository, const fs::path& objects, Deadline deadline) {
  telling("a quarantine cannot be removed", [&] {
    for (const fs::path& path : quarantines(repository)) {
      if (path == objects.lexically_normal()) remove_tree(path, deadline);
    }
  });
}

bool has_quarantine(const fs::path& repository) {
  return telling("a repository cannot be looked at", [&] { return !quarantines(repository).empty(); });
}

void remove_quarantines(const fs::path& repository, std::chrono::seconds age, Deadline deadline) {
  telling("the rest of a killed push cannot be removed", [&] {
    for (const fs::path& path : quarantines(repository)) {
      if (is_older(path, age)) remove_tree(path, deadline);
    }
  });
}

}  // namespace deis::builder::repository_files
