// deisctl config (contract components.md §7.4): the settings of components, and of the platform itself.

#include "core/base/error.h"
#include "core/component/router_settings.h"
#include "ctl/commands.h"
#include "ctl/setting_values.h"

#include <fmt/format.h>

#include <cstdlib>
#include <map>

namespace deis::ctl {
namespace {

std::string directory_of(const std::string& target) {
  if (target == "platform") return "/deis/platform/";
  return fmt::format("/deis/{}/", find_component(target).name);
}

std::string key_of(const std::string& directory, const std::string& key) {
  if (key.empty() || key.starts_with('/')) throw Error(ErrorCode::invalid, "'" + key + "' is not a key");
  return directory + key;
}

constexpr std::string_view kRoot = "/deis/";

// What is set of the settings that have rules.
Task<component::SettingValues> present_settings(etcd::Client& etcd) {
  static constexpr const char* kDirectories[] = {"/deis/router/", "/deis/controller/"};
  component::SettingValues present;
  for (const char* directory : kDirectories) {
    const auto range = co_await etcd.list(directory, Platform::soon());
    for (const auto& entry : range.entries) {
      const std::string key = entry.key.substr(kRoot.size());
      if (component::find_rule(component::router_settings(), key)) present[key] = entry.value;
    }
  }
  co_return present;
}

}  // namespace

std::pair<std::string, std::string> parse_pair(const std::string& text) {
  const auto equals = text.find('=');
  if (equals == std::string::npos || equals == 0 || equals + 1 == text.size()) {
    throw Error(ErrorCode::invalid, "'" + text + "' is not a setting; write key=value");
  }
  return {text.substr(0, equals), text.substr(equals + 1)};
}

Task<> config_get(Platform& platform, std::string target, std::vector<std::string> keys) {
  const auto directory = directory_of(target);
  for (const auto& key : keys) {
    const auto path = key_of(directory, key);
    const auto entry = co_await platform.etcd().get(path, Platform::soon());
    if (!entry) throw Error(ErrorCode::not_found, path + " is not set");
    fmt::print("{}\n", entry->value);
  }
}

// All or nothing: what belongs together must not be seen half changed.
Task<> config_set(Platform& platform, std::string target, std::vector<std::string> pairs) {
  const auto directory = directory_of(target).substr(kRoot.size());
  const char* home = std::getenv("HOME");
  Pairs settings;
  for (const auto& pair : pairs) {
    auto [key, value] = parse_pair(pair);
    settings.emplace_back(key_of(directory, key), std::move(value));
  }
  settings = read_files(std::move(settings), home ? home : "");
  const auto present = co_await present_settings(platform.etcd());
  check_settings(settings, present);
  for (const auto& key : unknown_settings(settings))
    fmt::print(stderr, "Note: the router knows no setting {}; docs/router-settings.md lists them\n", key);
  std::map<std::string, std::string> last;  // etcd refuses a key twice
  for (const auto& [key, value] : settings) last[std::string(kRoot) + key] = value;
  std::vector<etcd::Operation> writes;
  for (const auto& [path, value] : last) {
    etcd::Operation write;
    write.key = path;
    write.value = value;
    writes.push_back(std::move(write));
  }
  const std::vector<etcd::Compare> always;
  const std::vector<etcd::Operation> nothing;
  co_await platform.etcd().txn(always, std::move(writes), nothing, Platform::soon());
  for (const auto& [key, value] : settings)
    fmt::print("{}{}\n", kRoot, key);  // never the value: it may be a secret
}

Task<> config_remove(Platform& platform, std::string target, std::vector<std::string> keys) {
  const auto directory = directory_of(target);
  auto left = co_await present_settings(platform.etcd());
  for (const auto& key : keys) left.erase(key_of(directory, key).substr(kRoot.size()));
  check_settings(Pairs(), left);
  for (const auto& key : keys) {
    const auto path = key_of(directory, key);
    const bool existed = co_await platform.etcd().erase(path, Platform::soon());
    if (!existed) throw Error(ErrorCode::not_found, path + " is not set");
    fmt::print("{}\n", path);
  }
}

}  // namespace deis::ctl
