#include "cli/arguments.h"

#include "cli/suggest.h"
#include "core/base/error.h"

#include <algorithm>

namespace deis::cli {
namespace {

Error unknown_option(const std::vector<Option>& options, const std::string& name) {
  std::vector<std::string> names;
  for (const Option& option : options) names.push_back(option.name);
  const auto near = nearest(name, names);
  return Error(
      ErrorCode::invalid,
      "there is no option --" + name + (near.empty() ? "" : "; did you mean --" + near.front() + "?"));
}

const Option& by_long_name(const std::vector<Option>& options, const std::string& name) {
  std::vector<const Option*> of_contract, extensions;
  for (const Option& option : options) {
    if (option.name == name) return option;
    if (!name.empty() && option.name.starts_with(name))
      (option.extension ? extensions : of_contract).push_back(&option);
  }
  const auto& found = of_contract.empty() ? extensions : of_contract;
  if (found.empty()) throw unknown_option(options, name);
  if (found.size() > 1) {
    throw Error(
        ErrorCode::invalid, "--" + name + " is ambiguous: --" + found[0]->name + " or --" + found[1]->name);
  }
  return *found.front();
}

const Option& by_letter(const std::vector<Option>& options, char letter) {
  for (const Option& option : options) {
    if (option.letter == letter) return option;
  }
  throw Error(ErrorCode::invalid, std::string("there is no option -") + letter);
}

struct Given {
  const Option* option;
  std::optional<std::string> value;  // when it is in the same word
};

Given read_option(const std::vector<Option>& options, const std::string& word) {
  if (word[1] == '-') {
    const auto equals = word.find('=');
    const bool has_value = equals != std::string::npos;
    const Option& option = by_long_name(options, word.substr(2, has_value ? equals - 2 : equals));
    if (!has_value) return {&option, std::nullopt};
    return {&option, word.substr(equals + 1)};
  }
  const Option& option = by_letter(options, word[1]);
  if (word.size() == 2) return {&option, std::nullopt};
  // -ov; some write -o=v, as the contract's client allowed.
  return {&option, word.substr(word[2] == '=' ? 3 : 2)};
}

bool is_app_name(const std::string& text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  }) && text[0] != '-';
}

// -a <app>, --app <app> or --app=<app> among the words of a command that is run.
bool names_app(const std::vector<std::string>& words, std::size_t i) {
  const std::string& word = words[i];
  if (word.starts_with("--app=")) return is_app_name(word.substr(6));
  return (word == "-a" || word == "--app") && i + 1 < words.size() && is_app_name(words[i + 1]);
}

}  // namespace

Arguments Arguments::parse(
    const std::vector<std::string>& words, const std::vector<Option>& options, Tail tail) {
  Arguments arguments;
  bool only_arguments = false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    const bool in_tail = tail == Tail::commands && !arguments.positional_.empty();
    const bool is_option =
        !only_arguments && word.size() > 1 && word[0] == '-' && (!in_tail || names_app(words, i));
    if (!is_option) {
      // The first `--` of `deis run ls -- -l` is not part of the command either.
      if (in_tail && !only_arguments && word == "--") {
        only_arguments = true;
      } else {
        arguments.positional_.push_back(word);
      }
      continue;
    }
    if (word == "--") {
      only_arguments = true;
      continue;
    }
    auto [option, value] = read_option(options, word);
    if (!option->takes_value() && value)
      throw Error(ErrorCode::invalid, "--" + option->name + " takes no value");
    if (option->takes_value() && !value) {
      if (i + 1 == words.size()) throw Error(ErrorCode::invalid, "--" + option->name + " needs a value");
      value = words[++i];
    }
    arguments.values_[option->name] = value.value_or("");
  }
  return arguments;
}

std::optional<std::string> Arguments::find(const std::string& option) const {
  const auto found = values_.find(option);
  return found == values_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace deis::cli
