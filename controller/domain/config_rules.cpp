#include "controller/domain/config_rules.h"

#include "controller/domain/policy_rules.h"
#include "controller/domain/validation.h"
#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace deis::controller {
namespace {

constexpr std::size_t kMaximumKeys = 1000;
// Linux takes at most 128 KiB for one "KEY=value" string of an environment.
constexpr std::size_t kMaximumValue = 127 * 1024;
constexpr std::int64_t kMaximumCpuShares = 1024;
// One is the container's init; the most protects the host from a fork bomb.
constexpr std::int64_t kMinimumPids = 2, kMaximumPids = 32768;

constexpr auto kCpuRange = "CPU shares must be between 0 and 1024";
constexpr auto kProcessType = "Process types must start with a lower-case letter";
constexpr auto kMemoryFormat = "Limit format: <number><unit>, where unit = B, K, M or G";
constexpr auto kTagKey = "Tag keys can only contain [a-z]";
constexpr auto kTagValue = "Invalid tag value";

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_word(char c) {
  return is_letter(c) || (c >= '0' && c <= '9') || c == '_';
}

Error invalid_config(const std::string& map, const std::string& message) {
  return Error(ErrorCode::invalid, map, message);
}

void check_limit_key(const std::string& map, const std::string& key) {
  if (key.empty() || key.front() < 'a' || key.front() > 'z') throw invalid_config(map, kProcessType);
  ProcessType::parse(key);
}

void check_value_text(const std::string& value) {
  if (value.size() > kMaximumValue) {
    throw invalid_config("values", fmt::format("Ensure a value has no more than {} bytes.", kMaximumValue));
  }
  if (value.find('\0') != std::string::npos)
    throw invalid_config("values", "A value cannot hold a NUL character.");
  if (!is_valid_utf8(value)) throw invalid_config("values", "A value must be valid UTF-8.");
}

int cpu_shares(const std::string& text) {
  const auto shares = parse_int(trim(text));
  if (!shares) throw invalid_config("cpu", "CPU shares must be an integer");
  if (*shares < 0 || *shares > kMaximumCpuShares) throw invalid_config("cpu", kCpuRange);
  return static_cast<int>(*shares);
}

int pids_limit(const std::string& text) {
  const auto pids = parse_int(trim(text));
  if (!pids || *pids < kMinimumPids || *pids > kMaximumPids) {
    throw invalid_config(
        "pids", fmt::format("pids must be an integer from {} to {}.", kMinimumPids, kMaximumPids));
  }
  return static_cast<int>(*pids);
}

// Merges one map: `check_key` and `convert` throw Error{invalid}; a null needs only to be removed (§4.4).
template <typename Value, typename CheckKey, typename Convert>
std::map<std::string, Value> merge_map(
    const std::string& name,
    std::map<std::string, Value> merged,
    const Patch& patch,
    Problems& problems,
    CheckKey check_key,
    Convert convert) {
  for (const auto& [key, value] : patch) {
    if (!value) {
      merged.erase(key);
      continue;
    }
    problems.collect(name, [&] {
      check_key(key);
      merged.insert_or_assign(key, convert(*value));
    });
  }
  if (merged.size() > kMaximumKeys) {
    problems.add(name, fmt::format("Ensure this field has no more than {} keys.", kMaximumKeys));
  }
  return merged;
}

}  // namespace

std::int64_t memory_bytes(std::string_view limit) {
  const auto digits = static_cast<std::size_t>(
      std::ranges::find_if_not(limit, [](char c) { return c >= '0' && c <= '9'; }) - limit.begin());
  std::string unit = to_lower(limit.substr(digits));
  if (unit.size() == 2 && unit[1] == 'b' && unit[0] != 'b') unit.pop_back();
  const auto power = std::string_view("bkmg").find(unit);
  const auto number = parse_int(limit.substr(0, digits));
  if (unit.size() != 1 || power == std::string_view::npos || !number)
    throw invalid_config("memory", kMemoryFormat);
  const std::int64_t factor = std::int64_t{1} << (10 * power);
  if (*number > std::numeric_limits<std::int64_t>::max() / factor)
    throw invalid_config("memory", kMemoryFormat);
  return *number * factor;
}

Config merge(const Config& base, const ConfigPatch& patch) {
  Problems problems;
  Config merged = base;
  merged.values = merge_map(
      "values",
      base.values,
      patch.values,
      problems,
      [](const std::string& key) { ConfigKey::parse(key); },
      [](const std::string& value) {
        check_value_text(value);
        return value;
      });
  merged.memory = merge_map(
      "memory",
      base.memory,
      patch.memory,
      problems,
      [](const std::string& key) { check_limit_key("memory", key); },
      [](const std::string& value) {
        memory_bytes(value);
        return value;
      });
  merged.cpu = merge_map(
      "cpu",
      base.cpu,
      patch.cpu,
      problems,
      [](const std::string& key) { check_limit_key("cpu", key); },
      cpu_shares);
  merged.pids = merge_map(
      "pids",
      base.pids,
      patch.pids,
      problems,
      [](const std::string& key) { check_limit_key("pids", key); },
      pids_limit);
  merged.tags = merge_map(
      "tags",
      base.tags,
      patch.tags,
      problems,
      [](const std::string& key) {
        if (key.empty() || !std::ranges::all_of(key, is_letter)) throw invalid_config("tags", kTagKey);
      },
      [](const std::string& value) {
        if (value.empty() || !std::ranges::all_of(value, is_word)) throw invalid_config("tags", kTagValue);
        return value;
      });
  if (const auto list = patch.values.find("DEIS_WHITELIST"); list != patch.values.end() && list->second)
    problems.collect("values", [&] { parse_whitelist(*list->second); });
  problems.throw_if_any();
  return merged;
}

void check_patch(const ConfigPatch& patch) {
  merge(Config(), patch);
}

}  // namespace deis::controller
