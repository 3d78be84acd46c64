#include "cli/arguments.h"

#include "core/base/error.h"

namespace deis::cli {
namespace {

const Option& by_long_name(const std::vector<Option>& options, const std::string& name) {
  const Option* found = nullptr;
  for (const Option& option : options) {
    if (option.name == name) return option;
    if (!option.name.starts_with(name)) continue;
    if (found)
      throw Error(
          ErrorCode::invalid, "--" + name + " is ambiguous: --" + found->name + " or --" + option.name);
    found = &option;
  }
  if (!found) throw Error(ErrorCode::invalid, "there is no option --" + name);
  return *found;
}

const Option& by_letter(const std::vector<Option>& options, char letter) {
  for (const Option& option : options) {
    if (option.letter == letter) return option;
  }
  throw Error(ErrorCode::invalid, std::string("there is no option -") + letter);
}

}  // namespace

Arguments Arguments::parse(
    const std::vector<std::string>& words, const std::vector<Option>& options, bool raw) {
  Arguments arguments;
  bool only_arguments = false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    const bool is_option = !only_arguments && word.size() > 1 && word[0] == '-';
    if (!is_option) {
      arguments.positional_.push_back(word);
      only_arguments = only_arguments || raw;
      continue;
    }
    if (word == "--") {
      only_arguments = true;
      continue;
    }
    const bool is_long = word[1] == '-';
    const auto equals = is_long ? word.find('=') : std::string::npos;
    const Option& option =
        is_long ? by_long_name(options, word.substr(2, equals == std::string::npos ? equals : equals - 2))
                : by_letter(options, word[1]);
    std::optional<std::string> value;
    if (equals != std::string::npos) value = word.substr(equals + 1);
    if (!is_long && word.size() > 2) value = word.substr(2);
    if (!option.takes_value && value) throw Error(ErrorCode::invalid, "--" + option.name + " takes no value");
    if (option.takes_value && !value) {
      if (i + 1 == words.size()) throw Error(ErrorCode::invalid, "--" + option.name + " needs a value");
      value = words[++i];
    }
    arguments.values_[option.name] = value.value_or("");
  }
  return arguments;
}

std::optional<std::string> Arguments::find(const std::string& option) const {
  const auto found = values_.find(option);
  return found == values_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace deis::cli
