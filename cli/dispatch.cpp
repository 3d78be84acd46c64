#include "cli/dispatch.h"

#include "cli/completion.h"
#include "cli/help.h"
#include "cli/session.h"
#include "cli/suggest.h"
#include "cli/version.h"
#include "core/base/error.h"

#include <algorithm>
#include <iostream>
#include <set>
#include <unistd.h>

namespace deis::cli {
namespace {

const Command* by_name(const std::string& name) {
  const auto& commands = all_commands();
  const auto found = std::ranges::find(commands, name, &Command::name);
  return found == commands.end() ? nullptr : &*found;
}

bool is_group(const std::string& word) {
  return std::ranges::any_of(
      all_commands(), [&](const Command& c) { return c.name.starts_with(word + ":"); });
}

// The bare group: its list; what has no list shows its state.
const Command* default_of(const std::string& group) {
  const Command* list = by_name(group + ":list");
  return list ? list : by_name(group + ":info");
}

std::string expanded(const std::string& word) {
  const auto shortcut = shortcuts().find(word);
  return shortcut == shortcuts().end() ? word : shortcut->second;
}

bool asks_help(const std::vector<std::string>& words, std::size_t from, const Command* command) {
  for (std::size_t i = from; i < words.size() && words[i] != "--"; ++i) {
    if (words[i] == "--help" || words[i] == "-h") return true;
    // `deis run ls --help` is for ls.
    if (command && command->tail == Tail::commands && !words[i].starts_with('-')) return false;
  }
  return false;
}

int not_found(const std::string& word) {
  std::cerr << "Found no matching command, try 'deis help'\n" << kUsage << "\n" << did_you_mean(word);
  return 1;
}

int print_help(const std::vector<std::string>& words) {
  if (words.empty()) {
    std::cout << overview();
    return 0;
  }
  const bool names_group = is_group(words[0]) && (words.size() == 1 || words[1].starts_with('-'));
  if (names_group) {
    std::cout << group_help(words[0]);
    return 0;
  }
  const Chosen chosen = choose(words);
  if (!chosen.command) return not_found(words[0]);
  std::cout << command_help(*chosen.command);
  return 0;
}

// `deis foo:bar --x` runs the program deis-foo with bar --x in our place, when there is one.
void try_plugin(const std::vector<std::string>& words) {
  const auto colon = words[0].find(':');
  std::vector<std::string> argv{"deis-" + words[0].substr(0, colon)};
  if (argv[0].find('/') != std::string::npos || argv[0] == "deis-") return;
  if (colon != std::string::npos) argv.push_back(words[0].substr(colon + 1));
  argv.insert(argv.end(), words.begin() + 1, words.end());
  std::vector<char*> raw;
  for (std::string& word : argv) raw.push_back(word.data());
  raw.push_back(nullptr);
  ::execvp(raw[0], raw.data());
}

int fail(const std::string& message) {
  std::cout << std::flush;
  std::cerr << "Error: " << message << "\n";
  return 1;
}

int run_command(const Command& command, const std::vector<std::string>& words) {
  std::optional<Arguments> arguments;
  try {
    arguments = Arguments::parse(words, command.options, command.tail);
    const std::size_t count = arguments->positional().size();
    const Arity arity = arity_of(command.arguments);
    if (count < arity.least) throw Error(ErrorCode::invalid, "an argument is missing");
    if (count > arity.most)
      throw Error(
          ErrorCode::invalid, "'" + arguments->positional()[arity.most] + "' is one argument too many");
  } catch (const Error& error) {
    std::cerr << error.what() << "\n";
    std::cout << "Usage: " << usage_of(command) << "\n";
    return 1;
  }
  try {
    Loop loop;
    Session session(loop, std::move(*arguments));
    const int code = command.run(session);
    if (!std::cout.flush()) return fail("cannot write to standard output");
    return code;
  } catch (const ApiError& error) {
    return fail(error.what());
  } catch (const Error& error) {
    return fail(error.what());
  } catch (const std::exception& error) {
    // What a library throws is not for people.
    return fail(
        std::string("the controller's answer, or something on this machine, is not as expected (") +
        error.what() + ")");
  }
}

}  // namespace

Chosen choose(const std::vector<std::string>& words) {
  if (words.empty()) return {};
  const std::string first = expanded(words[0]);
  if (words.size() > 1 && !words[1].starts_with('-')) {
    // "sharing add" is "sharing:add", a shortcut.
    const std::string two = expanded(words[0] + ":" + words[1]);
    if (const Command* command = by_name(two)) return {command, 2};
    if (is_group(words[0]) && !by_name(words[0])) {
      // A slip is asked about; anything else is an argument that the list does not take.
      const Command* bare = default_of(words[0]);
      const bool is_slip = !did_you_mean(words[0] + ":" + words[1]).empty();
      return bare && !is_slip ? Chosen{bare, 1} : Chosen{nullptr, 2};
    }
  }
  if (const Command* command = by_name(first)) return {command, 1};
  return {default_of(first), 1};
}

std::string did_you_mean(const std::string& word) {
  std::set<std::string> names;
  for (const Command& command : all_commands()) {
    names.insert(command.name);
    names.insert(command.group());
  }
  for (const auto& [shortcut, full] : shortcuts()) names.insert(shortcut);
  const auto near = nearest(word, std::vector<std::string>(names.begin(), names.end()));
  if (near.empty()) return "";
  std::string text = "Did you mean 'deis " + near[0] + "'";
  for (std::size_t i = 1; i < near.size(); ++i)
    text += (i + 1 == near.size() ? " or '" : ", '") + near[i] + "'";
  return text + "?\n";
}

int dispatch(const std::vector<std::string>& words) {
  if (words.empty()) {
    std::cerr << kUsage << "\n";
    return 1;
  }
  const std::string& first = words[0];
  const std::vector<std::string> rest(words.begin() + 1, words.end());
  if (first == "help" || first == "--help" || first == "-h") return print_help(rest);
  if (first == "--version" || first == "-v" || first == "version") {
    std::cout << kVersion << "\n";
    return 0;
  }
  if (first == "__complete") return complete(rest);
  if (first == "__reference" && !rest.empty()) {
    std::cout << (rest[0] == "man" ? reference_man() : reference_markdown());
    return 0;
  }
  const Chosen chosen = choose(words);
  if (asks_help(words, chosen.words, chosen.command)) return print_help(words);
  if (!chosen.command && is_group(first) && words.size() == 1) {
    std::cout << group_help(first);  // auth and git have no list
    return 0;
  }
  if (!chosen.command) {
    if (!is_group(first.substr(0, first.find(':')))) try_plugin(words);
    return not_found(chosen.words == 2 ? first + ":" + words[1] : first);
  }
  const auto from = words.begin() + static_cast<std::ptrdiff_t>(chosen.words);
  return run_command(*chosen.command, std::vector<std::string>(from, words.end()));
}

}  // namespace deis::cli
