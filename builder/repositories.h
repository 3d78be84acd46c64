#pragma once
// The bare repositories under <volume>/repos, owned by the account `git`, and reading from a push that git
// has not accepted yet.

#include "builder/ssh_command.h"
#include "core/net/http_client.h"
#include "core/net/offload.h"
#include "core/process/process.h"

#include <filesystem>
#include <optional>

namespace deis::builder {

class Repositories {
 public:
  struct Account {
    unsigned uid = 0, gid = 0;
  };
  Repositories(Executor executor, net::WorkerPool& workers, std::filesystem::path root, Account git);

  std::filesystem::path path_of(const AppId& app) const;
  // Makes the repository when it is missing or half made.
  Task<> prepare(AppId app, Deadline deadline);
  Task<> erase(AppId app, Deadline deadline);
  Task<std::vector<AppId>> all();
  // Goes on with removals that were interrupted.
  Task<> finish_removals(Deadline deadline);
  // What removals and pushes that were killed have left. Only while nobody can push.
  Task<> remove_leftovers(Deadline deadline);

  // A commit that may still be in git's quarantine: `objects` is where the hook said the new objects are;
  // must be inside of the repository.
  struct Commit {
    AppId app;
    std::string sha;
    std::string objects;
  };
  // Content of a file at the commit's root; nullopt when there is none. At most 1 MiB.
  Task<std::optional<std::string>> read_file(Commit commit, std::string name, Deadline deadline);
  // The commit's tree as a tar archive, produced while it is read. Bounded: Error{too_large} beyond
  // `max_bytes`.
  net::BodySource archive(Commit commit, std::size_t max_bytes, Deadline deadline);
  // Of a push that is declined: a git whose pusher has gone may end without removing it.
  Task<> remove_quarantine(Commit commit, Deadline deadline);
  // git's housekeeping, when git finds that it is time and no push is under way. Error{internal} when it
  // fails.
  Task<> collect_garbage(AppId app, Deadline deadline);

 private:
  process::Command git(
      std::vector<std::string> arguments, const AppId& app, const std::string& objects) const;

  Executor executor_;
  net::WorkerPool& workers_;
  std::filesystem::path root_;
  Account account_;
};

}  // namespace deis::builder
