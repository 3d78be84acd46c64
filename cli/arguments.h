#pragma once
// Options and arguments of one command (contract api.md §8.2): --opt=v, --opt v, -o v, -ov; options before or
// behind arguments; long ones may be abbreviated when that is unambiguous; `--` ends options.

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace deis::cli {

struct Option {
  std::string name;  // "app"
  char letter = 0;   // 'a', or 0
  bool takes_value = false;
};

class Arguments {
 public:
  // Throws Error{invalid} naming what is wrong. With `raw`, everything from the first argument on is taken as
  // it is (apps:run).
  static Arguments parse(
      const std::vector<std::string>& words, const std::vector<Option>& options, bool raw = false);

  const std::vector<std::string>& positional() const { return positional_; }
  bool has(const std::string& option) const { return values_.contains(option); }
  std::optional<std::string> find(const std::string& option) const;

 private:
  std::vector<std::string> positional_;
  std::map<std::string, std::string> values_;
};

}  // namespace deis::cli
