#pragma once
// What a command is. The table of commands is the only source: dispatch, usage lines, help, the man page,
// docs/reference and the shells' completion are all made from it.

#include "cli/arguments.h"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace deis::cli {

class Session;

struct Example {
  std::string command;  // "deis create shop"
  std::string comment;  // "with a git remote", or ""
};

struct Command {
  std::string name;       // "apps:create"
  std::string arguments;  // "[<id>]", "<type>=<num>...": says how many there may be, too
  std::string summary;    // one line
  std::string details;    // paragraphs, parted by empty lines; may be ""
  std::vector<Option> options;
  std::vector<Example> examples;
  // What --json prints, for the reference. Empty: there is no --json.
  std::string json;
  std::function<int(Session&)> run;  // exit code
  Completes completes = Completes::nothing;
  Tail tail = Tail::ours;

  std::string group() const { return name.substr(0, name.find(':')); }
};

// All commands, in the order of the overview. --json and --help are among the options.
const std::vector<Command>& all_commands();
// "create" -> "apps:create" (contract §8.2).
const std::map<std::string, std::string>& shortcuts();
// What a group is about, for the overviews: "apps" -> "manage applications".
const std::string& group_summary(const std::string& group);

// "deis apps:create [<id>] [--no-remote] [-b --buildpack=<url>] ..."
std::string usage_of(const Command& command);
struct Arity {
  std::size_t least = 0, most = 0;
};
Arity arity_of(const std::string& arguments);

// Each group's commands (cli/commands/<group>.cpp).
std::vector<Command> auth_commands();
std::vector<Command> apps_commands();
std::vector<Command> run_commands();
std::vector<Command> builds_commands();
std::vector<Command> config_commands();
std::vector<Command> domains_commands();
std::vector<Command> certs_commands();
std::vector<Command> git_commands();
std::vector<Command> keys_commands();
std::vector<Command> limits_commands();
std::vector<Command> tags_commands();
std::vector<Command> perms_commands();
std::vector<Command> ps_commands();
std::vector<Command> releases_commands();
std::vector<Command> users_commands();
std::vector<Command> tokens_commands();
std::vector<Command> audit_commands();
std::vector<Command> healthchecks_commands();
std::vector<Command> maintenance_commands();
std::vector<Command> allowlist_commands();
std::vector<Command> routes_commands();
std::vector<Command> completion_commands();

inline const Option kAppOption{
    "app", 'a', "<app>", "the application; else the git remote's, else the directory's name", Completes::app};
inline const Option kLimitOption{"limit", 'l', "<num>", "how many to list at most"};
inline const Option kVerboseOption{
    .name = "verbose",
    .help = "a line per phase of the roll-out on standard error, on no terminal too",
    .extension = true};

}  // namespace deis::cli
