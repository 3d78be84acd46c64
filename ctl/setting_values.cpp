#include "ctl/setting_values.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/component/router_settings.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace deis::ctl {
namespace {

using component::SettingRule;

constexpr std::string_view kSshKey = "platform/sshPrivateKey";
constexpr std::uintmax_t kLargestFile = 256 * 1024;  // etcd takes 1.5 MB in all

const SettingRule* rule_of(std::string_view key) {
  return component::find_rule(component::router_settings(), key);
}

bool is_file(std::string_view key) {
  const auto* rule = rule_of(key);
  return key == kSshKey || (rule && rule->kind != SettingRule::Kind::text);
}

std::string expanded(const std::string& name, const std::string& home) {
  for (const std::string_view prefix : {"~/", "$HOME/"}) {
    if (name.starts_with(prefix)) return home + "/" + name.substr(prefix.size());
  }
  return name;
}

std::string content_of(const std::string& key, const std::string& name) {
  std::error_code error;
  const auto size = std::filesystem::file_size(name, error);
  if (error)
    throw Error(ErrorCode::invalid, fmt::format("{}: cannot read '{}': {}", key, name, error.message()));
  if (size > kLargestFile)
    throw Error(ErrorCode::invalid, fmt::format("{}: '{}' has more than {} bytes", key, name, kLargestFile));
  std::ifstream file(name, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file || text.str().empty())
    throw Error(ErrorCode::invalid, fmt::format("{}: '{}' cannot be read, or is empty", key, name));
  return text.str();
}

}  // namespace

Pairs read_files(Pairs pairs, const std::string& home) {
  for (auto& [key, value] : pairs) {
    const bool is_text_itself = value.starts_with('<') || value.starts_with("-----BEGIN");
    if (!is_file(key)) continue;
    if (!is_text_itself) value = content_of(key, expanded(value, home));
    if (key == kSshKey) value = base64_encode(value);
  }
  return pairs;
}

void check_settings(const Pairs& pairs, const component::SettingValues& present) {
  std::vector<std::string> wrong;
  component::SettingValues after = present;
  for (const auto& [key, value] : pairs) {
    const auto* rule = rule_of(key);
    if (!rule) continue;
    if (!rule->read(value)) wrong.push_back(component::describe(component::broken_rule(*rule, value)));
    after[key] = value;
  }
  if (wrong.empty()) {
    for (const auto& problem : component::joint_problems(after))
      wrong.push_back(component::describe(problem));
  }
  if (!wrong.empty()) throw Error(ErrorCode::invalid, join(wrong, "\n       "));
}

std::vector<std::string> unknown_settings(const Pairs& pairs) {
  std::vector<std::string> unknown;
  for (const auto& [key, value] : pairs) {
    if (key.starts_with("router/") && key != "router/image" && !rule_of(key)) unknown.push_back(key);
  }
  return unknown;
}

}  // namespace deis::ctl
