#include "cli/completion.h"

#include "cli/command.h"
#include "cli/dispatch.h"
#include "cli/name_source.h"

#include <algorithm>
#include <iostream>
#include <set>

namespace deis::cli {
namespace {

std::vector<Candidate> command_names() {
  std::vector<Candidate> all{{"help", "show help"}};
  std::set<std::string> groups;
  for (const Command& command : all_commands()) {
    const bool bare = command.group() == command.name;
    if (!bare && groups.insert(command.group()).second)
      all.push_back({command.group(), group_summary(command.group())});
    all.push_back({command.name, command.summary});
  }
  for (const auto& [shortcut, full] : shortcuts()) all.push_back({shortcut, full});
  return all;
}

std::vector<Candidate> verbs_of(const std::string& group) {
  std::vector<Candidate> verbs;
  for (const Command& command : all_commands()) {
    if (command.name.starts_with(group + ":"))
      verbs.push_back({command.name.substr(group.size() + 1), command.summary});
  }
  return verbs;
}

// "<bash|zsh|fish>" -> its words
std::vector<Candidate> choices_in(const std::string& value) {
  std::vector<Candidate> words;
  if (value.find('|') == std::string::npos) return words;
  std::string word;
  for (const char c : value) {
    if (c == '<') continue;
    if (c == '|' || c == '>') {
      words.push_back({word, ""});
      word.clear();
    } else {
      word += c;
    }
  }
  return words;
}

const Option* option_named(const Command& command, const std::string& word) {
  for (const Option& option : command.options) {
    const bool is_letter = option.letter && word == std::string("-") + option.letter;
    if (is_letter || word == "--" + option.name) return &option;
  }
  return nullptr;
}

// What -a or --app says among the words.
std::string app_in(const std::vector<std::string>& words) {
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    if (words[i] == "-a" || words[i] == "--app") return words[i + 1];
    if (words[i].starts_with("--app=")) return words[i].substr(6);
  }
  return "";
}

std::vector<Candidate> named(
    Completes what, const std::string& value, const Names& names, const std::vector<std::string>& words) {
  if (what == Completes::file) return {{":file", ""}};
  if (what == Completes::nothing || what == Completes::choice) return choices_in(value);
  std::vector<Candidate> all;
  for (std::string& name : names(what, app_in(words))) all.push_back({std::move(name), ""});
  return all;
}

std::vector<Candidate> options_of(const Command& command) {
  std::vector<Candidate> all;
  for (const Option& option : command.options)
    all.push_back({"--" + option.name + (option.takes_value() ? "=" : ""), option.help});
  all.push_back({"--help", "show help"});
  return all;
}

// "--app=sh": candidates are whole words again.
std::vector<Candidate> option_value(
    const Command& command,
    const std::string& current,
    const Names& names,
    const std::vector<std::string>& words) {
  const auto equals = current.find('=');
  const Option* option = option_named(command, current.substr(0, equals));
  if (!option) return {};
  auto values = named(option->completes, option->value, names, words);
  for (Candidate& value : values) {
    if (value.word != ":file") value.word = current.substr(0, equals + 1) + value.word;
  }
  return values;
}

std::vector<Candidate> arguments_of(
    const Command& command, const Names& names, const std::vector<std::string>& words) {
  auto all = named(command.completes, command.arguments, names, words);
  // web -> web=: a pair is begun.
  if (command.arguments.find(">=<") != std::string::npos) {
    for (Candidate& candidate : all) candidate.word += "=";
  }
  return all;
}

std::vector<Candidate> offered(const std::vector<std::string>& words, const Names& names) {
  if (words.size() <= 1) return command_names();
  std::vector<std::string> before(words.begin(), words.end() - 1);
  const std::string& current = words.back();
  if (before[0] == "help") {
    before.erase(before.begin());
    return before.empty() ? command_names() : verbs_of(before[0]);
  }
  if (before.size() == 1 && !current.starts_with('-')) {
    auto verbs = verbs_of(before[0]);
    if (!verbs.empty()) return verbs;
  }
  const Chosen chosen = choose(before);
  if (!chosen.command) return {};
  const Command& command = *chosen.command;
  const Option* waiting = option_named(command, before.back());
  if (waiting && waiting->takes_value()) return named(waiting->completes, waiting->value, names, words);
  if (current.starts_with("--") && current.find('=') != std::string::npos)
    return option_value(command, current, names, words);
  if (current.starts_with('-')) return options_of(command);
  return arguments_of(command, names, words);
}

}  // namespace

std::vector<Candidate> candidates(const std::vector<std::string>& words, const Names& names) {
  const std::string current = words.empty() ? "" : words.back();
  std::vector<Candidate> fitting;
  for (Candidate& candidate : offered(words, names)) {
    if (candidate.word.starts_with(current) || candidate.word == ":file")
      fitting.push_back(std::move(candidate));
  }
  return fitting;
}

int complete(const std::vector<std::string>& words) {
  for (const Candidate& candidate : candidates(words, names_of_controller)) {
    std::cout << candidate.word;
    if (!candidate.meaning.empty()) std::cout << "\t" << candidate.meaning;
    std::cout << "\n";
  }
  return 0;
}

}  // namespace deis::cli
