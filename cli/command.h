#pragma once
// What a command is, and what it works with.

#include "cli/api.h"
#include "cli/arguments.h"
#include "cli/git.h"
#include "cli/profile.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace deis::cli {

// Made for one command; profile and connection are opened when they are first asked for.
class Session {
 public:
  Session(Loop& loop, Arguments arguments) : loop_(loop), git_(loop), arguments_(std::move(arguments)) {}

  const Arguments& arguments() const { return arguments_; }
  Loop& loop() { return loop_; }
  Git& git() { return git_; }
  const Profile& profile();  // throws when nobody is logged in
  Api& api();                // with the profile's token
  // -a/--app, else the git remote of this controller, else the name of the current directory (contract §8.3).
  std::string app();
  std::string app_path(const std::string& rest);  // "/v1/apps/<app>/" + rest
  std::string limit_query();                      // "?page_size=N" from --limit or the profile

 private:
  Loop& loop_;
  Git git_;
  Arguments arguments_;
  std::optional<Profile> profile_;
  std::unique_ptr<Api> api_;
};

struct Command {
  std::string name;   // "apps:create"
  std::string usage;  // "deis apps:create [<id>] [--no-remote] ..."
  std::string help;   // what it does, with an example
  std::vector<Option> options;
  std::size_t min_arguments = 0, max_arguments = 0;
  std::function<int(Session&)> run;  // exit code
  bool raw_arguments = false;        // everything behind the first argument belongs to it
};

// All commands, in the order of the overview.
std::vector<Command> all_commands();

// Each group's commands (cli/commands/<group>.cpp).
std::vector<Command> auth_commands();
std::vector<Command> apps_commands();
std::vector<Command> builds_commands();
std::vector<Command> config_commands();
std::vector<Command> domains_commands();
std::vector<Command> git_commands();
std::vector<Command> keys_commands();
std::vector<Command> perms_commands();
std::vector<Command> ps_commands();
std::vector<Command> releases_commands();
std::vector<Command> users_commands();

inline const Option kAppOption{"app", 'a', true};
inline const Option kLimitOption{"limit", 'l', true};

}  // namespace deis::cli
