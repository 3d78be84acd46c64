// deis <group>:<verb> [arguments]   (contract api.md §8)

#include "cli/command.h"
#include "core/base/error.h"
#include "core/base/text.h"

#include <algorithm>
#include <iostream>
#include <unistd.h>

namespace deis::cli {
namespace {

constexpr auto kVersion = "1.13.4";
constexpr auto kUsage = "Usage: deis <command> [<args>...]";

const std::map<std::string, std::string> kShortcuts{
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

void print_overview(const std::vector<Command>& commands) {
  std::cout << "The Deis command-line client deploys and manages your apps on a Deis platform.\n\n"
            << kUsage << "\n\nCommands, use 'deis help <command>' for more:\n\n";
  for (const Command& command : commands) {
    std::cout << "  " << command.name
              << std::string(command.name.size() < 20 ? 20 - command.name.size() : 1, ' ')
              << command.help.substr(0, command.help.find('\n')) << "\n";
  }
  std::cout << "\nShortcuts: ";
  for (const auto& [shortcut, name] : kShortcuts) std::cout << shortcut << " ";
  std::cout << "\n\nUse 'git push deis master' to deploy to an app.\n";
}

std::string expand(const std::vector<Command>& commands, std::string word) {
  if (const auto shortcut = kShortcuts.find(word); shortcut != kShortcuts.end()) return shortcut->second;
  const bool has_list = std::any_of(
      commands.begin(), commands.end(), [&](const Command& c) { return c.name == word + ":list"; });
  return has_list ? word + ":list" : word;
}

const Command* find_command(const std::vector<Command>& commands, const std::string& word) {
  const std::string name = expand(commands, word);
  const auto found =
      std::find_if(commands.begin(), commands.end(), [&](const Command& c) { return c.name == name; });
  return found == commands.end() ? nullptr : &*found;
}

int print_help(const std::vector<Command>& commands, const std::string& word) {
  if (word.empty()) {
    print_overview(commands);
    return 0;
  }
  if (const Command* command = find_command(commands, word)) {
    std::cout << command->help << "\n\nUsage: " << command->usage << "\n";
    return 0;
  }
  bool any = false;
  for (const Command& command : commands) {
    if (!command.name.starts_with(word + ":")) continue;
    std::cout << command.usage << "\n";
    any = true;
  }
  if (any) return 0;
  std::cerr << "Found no matching command, try 'deis help'\n" << kUsage << "\n";
  return 1;
}

// `deis foo:bar --x` runs the program deis-foo with bar --x in our place, when there is one.
void try_plugin(const std::vector<std::string>& words) {
  const auto colon = words[0].find(':');
  std::vector<std::string> argv{"deis-" + words[0].substr(0, colon)};
  if (argv[0].find('/') != std::string::npos) return;
  if (colon != std::string::npos) argv.push_back(words[0].substr(colon + 1));
  argv.insert(argv.end(), words.begin() + 1, words.end());
  std::vector<char*> raw;
  for (std::string& word : argv) raw.push_back(word.data());
  raw.push_back(nullptr);
  ::execvp(raw[0], raw.data());
}

int run_command(const Command& command, const std::vector<std::string>& words) {
  Loop loop;
  std::optional<Session> session;
  try {
    Arguments arguments = Arguments::parse(words, command.options, command.raw_arguments);
    const std::size_t count = arguments.positional().size();
    if (count < command.min_arguments || count > command.max_arguments) {
      throw Error(
          ErrorCode::invalid,
          count < command.min_arguments ? "an argument is missing" : "too many arguments");
    }
    session.emplace(loop, std::move(arguments));
  } catch (const Error& error) {
    std::cerr << error.what() << "\n";
    std::cout << "Usage: " << command.usage << "\n";
    return 1;
  }
  try {
    return command.run(*session);
  } catch (const std::exception& error) {
    std::cout << std::flush;
    std::cerr << "Error: " << error.what() << "\n";
    return 1;
  }
}

int run(const std::vector<std::string>& words) {
  const std::vector<Command> commands = all_commands();
  if (words.empty()) {
    std::cerr << kUsage << "\n";
    return 1;
  }
  const std::string& first = words[0];
  if (first == "help" || first == "--help" || first == "-h")
    return print_help(commands, words.size() > 1 ? words[1] : "");
  if (first == "--version" || first == "-v" || first == "version") {
    std::cout << kVersion << "\n";
    return 0;
  }
  const Command* command = find_command(commands, first);
  if (!command) {
    try_plugin(words);
    return print_help(commands, first);
  }
  const std::vector<std::string> rest(words.begin() + 1, words.end());
  const auto end = std::find(rest.begin(), rest.end(), "--");
  const bool asks_help = std::any_of(
      rest.begin(), end, [](const std::string& word) { return word == "--help" || word == "-h"; });
  if (asks_help) return print_help(commands, first);
  return run_command(*command, rest);
}

}  // namespace
}  // namespace deis::cli

int main(int argc, char** argv) {
  return deis::cli::run(std::vector<std::string>(argv + 1, argv + argc));
}
