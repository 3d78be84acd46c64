// deisctl config (contract components.md §7.4): the settings of components, and of the platform itself.

#include "core/base/error.h"
#include "ctl/commands.h"

#include <fmt/format.h>

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

Task<> config_set(Platform& platform, std::string target, std::vector<std::string> pairs) {
  const auto directory = directory_of(target);
  std::vector<std::pair<std::string, std::string>> parsed;
  for (const auto& pair : pairs) parsed.push_back(parse_pair(pair));
  for (const auto& [key, value] : parsed) {
    const auto path = key_of(directory, key);
    co_await platform.etcd().put(path, value, Platform::soon());
    fmt::print("{}\n", path);  // never the value: it may be a secret
  }
}

Task<> config_remove(Platform& platform, std::string target, std::vector<std::string> keys) {
  const auto directory = directory_of(target);
  for (const auto& key : keys) {
    const auto path = key_of(directory, key);
    const bool existed = co_await platform.etcd().erase(path, Platform::soon());
    if (!existed) throw Error(ErrorCode::not_found, path + " is not set");
    fmt::print("{}\n", path);
  }
}

}  // namespace deis::ctl
