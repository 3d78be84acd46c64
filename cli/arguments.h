#pragma once
// Options and arguments of one command (contract api.md §8.2): --opt=v, --opt v, -o v, -ov; options before or
// behind arguments; long ones may be abbreviated when that is unambiguous; `--` ends options.

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace deis::cli {

// What the shell completes in the place of a value or an argument.
enum class Completes { nothing, app, type, key, release, domain, file, profile, command, user, choice };

struct Option {
  std::string name;   // "app"
  char letter = 0;    // 'a', or 0
  std::string value;  // "<app>"; empty: a flag
  std::string help;
  Completes completes = Completes::nothing;
  // Not in the contract's client: an abbreviation that was good for an option of the contract stays good.
  bool extension = false;

  bool takes_value() const { return !value.empty(); }
};

// Whose the words behind the first argument are.
enum class Tail {
  ours,  // options may stand anywhere
  // They belong to the command that is run (apps:run), except -a <app> and --app, which scripts put there.
  commands
};

class Arguments {
 public:
  // Throws Error{invalid} naming what is wrong.
  static Arguments parse(
      const std::vector<std::string>& words, const std::vector<Option>& options, Tail tail = Tail::ours);

  const std::vector<std::string>& positional() const { return positional_; }
  bool has(const std::string& option) const { return values_.contains(option); }
  std::optional<std::string> find(const std::string& option) const;

 private:
  std::vector<std::string> positional_;
  std::map<std::string, std::string> values_;
};

}  // namespace deis::cli
