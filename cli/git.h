#pragma once
// The git checkout that a command runs in (contract api.md §8.3). git's own complaints go to standard error.

#include "cli/loop.h"

#include <optional>
#include <string>

namespace deis::cli {

class Git {
 public:
  explicit Git(Loop& loop) : loop_(loop) {}

  // The app of the first remote at this controller; nullopt outside of a checkout or without such a remote.
  std::optional<std::string> app_of_remote(const std::string& controller_host);
  // Throws Error{conflict} when the name is taken, Error{internal} with what git says otherwise.
  void add_remote(const std::string& name, const std::string& url);
  // Removes the first remote of the app at this controller; its name.
  std::optional<std::string> remove_remote_of(const std::string& app, const std::string& controller_host);

 private:
  std::optional<std::string> remotes();
  Loop& loop_;
};

// Pure: from what `git remote -v` prints.
std::optional<std::string> find_app(const std::string& remotes, const std::string& controller_host);
std::optional<std::string> find_remote(
    const std::string& remotes, const std::string& controller_host, const std::string& app);

}  // namespace deis::cli
