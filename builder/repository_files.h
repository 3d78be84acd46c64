#pragma once
// The file trees of Repositories: what blocks, and therefore runs on a worker. Failures of the file system
// are Error{internal}, and Error{timeout} when there is more to do than the deadline allows; what is done
// stays done, so that the next attempt goes on there.

#include "core/base/names.h"
#include "core/base/time.h"

#include <filesystem>
#include <vector>

namespace deis::builder::repository_files {

// Whether the repository is there and was made to its end.
bool is_whole(const std::filesystem::path& repository);
// The apps that have one below `root`. Other names, which we did not give, are passed over.
std::vector<AppId> list(const std::filesystem::path& root);
// Renames it first: a removal that is interrupted leaves no repository that looks whole.
void erase(const std::filesystem::path& root, const AppId& app, Deadline deadline);
// The rest of interrupted removals.
void finish_removals(const std::filesystem::path& root, Deadline deadline);
// What pushes that were killed left: git's quarantines that nobody has written to for `age`.
void remove_quarantines(const std::filesystem::path& repository, std::chrono::seconds age, Deadline deadline);
// The one at `objects`, when it is one of this repository.
void remove_quarantine(
    const std::filesystem::path& repository, const std::filesystem::path& objects, Deadline deadline);
// Whether a push is under way.
bool has_quarantine(const std::filesystem::path& repository);

}  // namespace deis::builder::repository_files
