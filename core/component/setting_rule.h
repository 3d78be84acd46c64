#pragma once
// Rules that settings follow, as rows of a table: a component reads its settings by it, deisctl refuses what
// breaks it, and the documentation is printed from it. Pure and thread safe.

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace deis::component {

struct SettingRule {
  enum class Kind {
    text,
    file,         // the content of a file: `deisctl config set key=<file>` reads it
    secret_file,  // the same, and never shown
  };
  std::string_view key;       // below /deis/: "router/bodySize"
  std::string_view fallback;  // the default; "" is: not set
  std::string_view rule;      // completes "must be"
  std::string_view meaning;   // for the documentation
  // The value as the program wants it ("True" is "on"), or nullopt when it breaks the rule.
  std::optional<std::string> (*read)(const std::string& value);
  Kind kind = Kind::text;
};

using SettingTable = std::span<const SettingRule>;
// Values by SettingRule::key.
using SettingValues = std::map<std::string, std::string, std::less<>>;

// nullptr when the table has no such key.
const SettingRule* find_rule(SettingTable table, std::string_view key);

// What may be shown of a value: secrets and files by their size, long ones shortened.
std::string shown_value(const SettingRule& rule, std::string_view value);

// What is wrong with one setting.
struct SettingProblem {
  std::string key;    // below /deis/
  std::string value;  // as shown_value()
  std::string reason;
  bool operator==(const SettingProblem&) const = default;
};
// "router/bodySize=1x: must be ..."
std::string describe(const SettingProblem& problem);
// The problem of a value that breaks its rule.
SettingProblem broken_rule(const SettingRule& rule, std::string_view value);

// ---- readers for the rows of a table

std::optional<std::string> read_switch(const std::string& value);  // true, on, 1 -> on; false, off, 0 -> off
std::optional<std::string> read_size(const std::string& value);    // 0, or a number with k, m or g
std::optional<std::string> read_duration(const std::string& value);       // number with ms, s, m, h; bare: s
std::optional<std::string> read_networks_list(const std::string& value);  // comma separated, labels dropped
std::optional<std::string> read_label(const std::string& value);  // of a host name: [a-z0-9-], 1 to 63
std::optional<std::string> read_host(const std::string& value);   // address or host name
std::optional<std::string> read_page(const std::string& value);   // UTF-8 text of at most 64 KiB
// Whole number from `low` to `high`, decimal.
std::optional<std::string> read_number(const std::string& value, long low, long high);

template <long kLow, long kHigh>
std::optional<std::string> read_number_between(const std::string& value) {
  return read_number(value, kLow, kHigh);
}

}  // namespace deis::component
