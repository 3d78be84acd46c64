// The table of commands, put together.

#include "cli/command.h"

#include <algorithm>

namespace deis::cli {
namespace {

std::vector<Command> collect() {
  std::vector<Command> all;
  for (auto* group : {auth_commands,   apps_commands,         run_commands,         ps_commands,
                      config_commands, releases_commands,     builds_commands,      domains_commands,
                      certs_commands,  limits_commands,       tags_commands,        perms_commands,
                      keys_commands,   git_commands,          users_commands,       tokens_commands,
                      audit_commands,  healthchecks_commands, maintenance_commands, allowlist_commands,
                      routes_commands, completion_commands}) {
    for (Command& command : group()) {
      if (!command.json.empty()) {
        command.options.push_back(
            {.name = "json", .help = "print JSON and nothing else on standard output", .extension = true});
      }
      all.push_back(std::move(command));
    }
  }
  return all;
}

}  // namespace

const std::vector<Command>& all_commands() {
  static const std::vector<Command> commands = collect();
  return commands;
}

const std::map<std::string, std::string>& shortcuts() {
  static const std::map<std::string, std::string> words{
      {"create", "apps:create"},
      {"destroy", "apps:destroy"},
      {"info", "apps:info"},
      {"login", "auth:login"},
      {"logout", "auth:logout"},
      {"logs", "apps:logs"},
      {"open", "apps:open"},
      {"passwd", "auth:passwd"},
      {"pull", "builds:create"},
      {"register", "auth:register"},
      {"rollback", "releases:rollback"},
      {"run", "apps:run"},
      {"scale", "ps:scale"},
      {"sharing", "perms:list"},
      {"sharing:list", "perms:list"},
      {"sharing:add", "perms:create"},
      {"sharing:remove", "perms:delete"},
      {"whoami", "auth:whoami"}};
  return words;
}

const std::string& group_summary(const std::string& group) {
  static const std::map<std::string, std::string> summaries{
      {"auth", "accounts and logging in"},
      {"apps", "applications"},
      {"ps", "how many processes run, and how they are"},
      {"config", "environment variables"},
      {"releases", "history, differences, rollback"},
      {"builds", "what was deployed, and deploying an image"},
      {"domains", "domain names"},
      {"certs", "TLS certificates"},
      {"limits", "memory, CPU and process limits"},
      {"tags", "on which hosts processes may run"},
      {"perms", "who may work on an application"},
      {"keys", "SSH keys for git push"},
      {"git", "the git remote of a checkout"},
      {"users", "the users of the platform"},
      {"tokens", "access tokens for programs"},
      {"audit", "who did what"},
      {"healthchecks", "when a process counts as healthy"},
      {"maintenance", "a maintenance page instead of the application"},
      {"allowlist", "which addresses may reach an application"},
      {"routes", "how requests get to an application"},
      {"completion", "completion for shells"}};
  static const std::string none;
  const auto found = summaries.find(group);
  return found == summaries.end() ? none : found->second;
}

Arity arity_of(const std::string& arguments) {
  Arity arity;
  std::size_t begin = 0;
  while (begin < arguments.size()) {
    const std::size_t end = std::min(arguments.find(' ', begin), arguments.size());
    const std::string word = arguments.substr(begin, end - begin);
    begin = end + 1;
    if (word.empty()) continue;
    if (word[0] != '[') ++arity.least;
    arity.most = word.find("...") == std::string::npos && arity.most < 10000 ? arity.most + 1 : 10000;
  }
  return arity;
}

std::string usage_of(const Command& command) {
  std::string usage = "deis " + command.name;
  const auto options = [&](bool extension) {
    for (const Option& option : command.options) {
      if (option.extension != extension) continue;
      usage += " [";
      if (option.letter) usage += std::string("-") + option.letter + " ";
      usage += "--" + option.name + (option.takes_value() ? "=" + option.value : "") + "]";
    }
  };
  // What belongs to another command comes last.
  const bool last = command.tail == Tail::commands;
  if (!last && !command.arguments.empty()) usage += " " + command.arguments;
  options(false);
  options(true);
  if (last) usage += " [--] " + command.arguments;
  return usage;
}

}  // namespace deis::cli
