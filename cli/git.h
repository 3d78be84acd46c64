#pragma once
// The git checkout that a command runs in (contract api.md §8.3).

#include "cli/loop.h"

#include <optional>
#include <string>

namespace deis::cli {

class Git {
 public:
  explicit Git(Loop& loop) : loop_(loop) {}

  // The app of the first remote at this controller; nullopt outside of a checkout or without such a remote.
  std::optional<std::string> app_of_remote(const std::string& controller_host);
  void add_remote(
      const std::string& name, const std::string& url);  // throws Error{conflict} when the name is taken
  // Removes the first remote that names the app; its name.
  std::optional<std::string> remove_remote_of(const std::string& app);

 private:
  std::optional<std::string> remotes();
  Loop& loop_;
};

std::string host_of(const std::string& controller);  // without scheme and port
std::string remote_url(const std::string& controller, const std::string& app);
// Pure: from what `git remote -v` prints.
std::optional<std::string> find_app(const std::string& remotes, const std::string& controller_host);

}  // namespace deis::cli
