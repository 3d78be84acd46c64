#include "core/component/setting_rule.h"

#include "core/base/error.h"
#include "core/base/ip_network.h"
#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace deis::component {
namespace {

constexpr std::size_t kShown = 120;              // bytes of a value
constexpr std::size_t kLargestPage = 64 * 1024;  // bytes
constexpr std::size_t kMostNetworks = 500;
constexpr std::int64_t kLongestSeconds = 7 * 24 * 3600;

bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

// One line, whatever it holds: a problem is a line of a log and of a terminal.
std::string one_line(std::string_view text) {
  std::string line = to_valid_utf8(text.substr(0, kShown));
  std::ranges::replace_if(
      line, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }, ' ');
  return text.size() > kShown ? line + "..." : line;
}

}  // namespace

const SettingRule* find_rule(SettingTable table, std::string_view key) {
  const auto found = std::ranges::find(table, key, &SettingRule::key);
  return found == table.end() ? nullptr : &*found;
}

std::string shown_value(const SettingRule& rule, std::string_view value) {
  if (rule.kind == SettingRule::Kind::text) return one_line(value);
  return fmt::format("({} bytes)", value.size());
}

std::string describe(const SettingProblem& problem) {
  return fmt::format("{}={}: {}", problem.key, problem.value, problem.reason);
}

SettingProblem broken_rule(const SettingRule& rule, std::string_view value) {
  return {std::string(rule.key), shown_value(rule, value), fmt::format("must be {}", rule.rule)};
}

std::optional<std::string> read_switch(const std::string& value) {
  const std::string word = to_lower(value);
  if (word == "true" || word == "on" || word == "1") return "on";
  if (word == "false" || word == "off" || word == "0") return "off";
  return std::nullopt;
}

std::optional<std::string> read_number(const std::string& value, long low, long high) {
  const auto number = parse_int(value);
  if (!number || *number < low || *number > high) return std::nullopt;
  return std::to_string(*number);
}

std::optional<std::string> read_size(const std::string& value) {
  if (value.empty() || value.size() > 10) return std::nullopt;
  const bool has_unit = std::string_view("kmg").find(value.back()) != std::string_view::npos;
  const auto number = parse_int(std::string_view(value).substr(0, value.size() - (has_unit ? 1 : 0)));
  if (!number || *number < 0) return std::nullopt;
  return value;
}

std::optional<std::string> read_duration(const std::string& value) {
  struct Unit {
    std::string_view name;
    std::int64_t per_second, seconds;
  };
  static constexpr Unit kUnits[] = {{"ms", 1000, 1}, {"s", 1, 1}, {"m", 1, 60}, {"h", 1, 3600}};
  const auto digits = std::min(value.find_first_not_of("0123456789"), value.size());
  const std::string unit = digits == value.size() ? "s" : value.substr(digits);
  const auto number = parse_int(std::string_view(value).substr(0, digits));
  const auto* found = std::ranges::find(kUnits, unit, &Unit::name);
  if (!number || digits > 10 || *number < 1 || found == std::end(kUnits)) return std::nullopt;
  if (*number > kLongestSeconds * found->per_second / found->seconds) return std::nullopt;
  return std::to_string(*number) + unit;
}

std::optional<std::string> read_networks_list(const std::string& value) {
  std::vector<std::string> networks;
  try {
    for (const auto part : split(value, ',')) {
      if (!trim(part).empty()) networks.push_back(IpNetwork::parse_labelled(trim(part)).str());
    }
  } catch (const Error&) {
    return std::nullopt;
  }
  if (networks.empty() || networks.size() > kMostNetworks) return std::nullopt;
  return join(networks, ",");
}

std::optional<std::string> read_label(const std::string& value) {
  const bool good = !value.empty() && value.size() <= 63 && value.front() != '-' && value.back() != '-' &&
                    std::ranges::all_of(value, [](char c) {
                      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
                    });
  return good ? std::optional(value) : std::nullopt;
}

std::optional<std::string> read_host(const std::string& value) {
  const bool good = !value.empty() && value.size() <= 253 && std::ranges::all_of(value, is_host_character);
  return good ? std::optional(value) : std::nullopt;
}

std::optional<std::string> read_page(const std::string& value) {
  const bool good = !trim(value).empty() && value.size() <= kLargestPage && is_valid_utf8(value);
  return good ? std::optional(value) : std::nullopt;
}

}  // namespace deis::component
