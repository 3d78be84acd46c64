// Host names, configuration and builds against their rules. "<kind>\n<text>".
#include "controller/domain/build_rules.h"
#include "controller/domain/config_rules.h"
#include "controller/domain/host_name.h"
#include "controller/domain/validation.h"
#include "core/base/error.h"
#include "core/base/fuzz.h"
#include "core/base/text.h"

#include <algorithm>

namespace deis::controller {
namespace {

template <typename Read>
bool accepted(Read read) {
  try {
    read();
    return true;
  } catch (const Error& error) {
    FUZZ_REQUIRE(error.code() == ErrorCode::invalid || error.code() == ErrorCode::forbidden);
    return false;
  }
}

void try_host(std::string_view text) {
  std::string name;
  if (!accepted([&] { name = checked_host_name(text); })) return;
  FUZZ_REQUIRE(name.size() <= 255 && !name.empty());
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.*_";
  FUZZ_REQUIRE(name.find_first_not_of(kAllowed) == std::string::npos);
  FUZZ_REQUIRE(name.find('*') == std::string::npos || name.find("xip.io") != std::string::npos);
  FUZZ_REQUIRE(accepted([&] { FUZZ_REQUIRE(checked_host_name(name) == name); }));
}

// "key=value" sets, "key" removes; "m:", "c:" and "t:" in front mean memory, cpu and tags.
ConfigPatch patch_of(std::string_view text) {
  ConfigPatch patch;
  for (std::string_view line : split(text, '\n')) {
    Patch* map = &patch.values;
    if (line.starts_with("m:")) map = &patch.memory;
    if (line.starts_with("c:")) map = &patch.cpu;
    if (line.starts_with("t:")) map = &patch.tags;
    if (map != &patch.values) line.remove_prefix(2);
    const auto equals = line.find('=');
    const std::string key(line.substr(0, equals));
    std::optional<std::string> value;
    if (equals != std::string_view::npos) value = line.substr(equals + 1);
    map->insert_or_assign(key, value);
  }
  return patch;
}

void try_config(std::string_view text) {
  const ConfigPatch patch = patch_of(text);
  Config base;
  base.values = {{"KEPT", "1"}, {"A", "old"}};
  Config merged;
  if (!accepted([&] { merged = merge(base, patch); })) return;
  for (const auto& [key, value] : patch.values) {
    const auto found = merged.values.find(key);
    FUZZ_REQUIRE(
        value ? found != merged.values.end() && found->second == *value : found == merged.values.end());
  }
  for (const auto& [key, value] : merged.values) {
    FUZZ_REQUIRE(ConfigKey::parse(key).str() == key);
    FUZZ_REQUIRE(value.find('\0') == std::string::npos && is_valid_utf8(value));
  }
  for (const auto& [type, limit] : merged.memory) FUZZ_REQUIRE(memory_bytes(limit) >= 0);
  for (const auto& [type, shares] : merged.cpu) FUZZ_REQUIRE(shares >= 0 && shares <= 1024);
  FUZZ_REQUIRE(patch.values.contains("KEPT") || merged.values.at("KEPT") == "1");
  Config again;
  FUZZ_REQUIRE(accepted([&] { again = merge(merged, patch); }) && again.values == merged.values);
}

void try_build(std::string_view text) {
  NewBuild build;
  const auto lines = split(text, '\n');
  build.image = lines[0];
  if (lines.size() > 1) build.sha = lines[1];
  for (std::size_t i = 2; i < lines.size(); ++i)
    build.procfile.emplace(lines[i].substr(0, lines[i].find(':')), lines[i]);
  if (!accepted([&] { check_build(build); })) return;
  FUZZ_REQUIRE(!build.image.empty() && build.image.find_first_of(" \t\r\n") == std::string::npos);
  FUZZ_REQUIRE(build.sha.size() <= 40 && !build.procfile.contains("run"));
  for (const auto& [type, command] : build.procfile) FUZZ_REQUIRE(ProcessType::parse(type).str() == type);
}

DEIS_FUZZ(rules) {
  const std::string_view kind = input.substr(0, input.find('\n'));
  input.remove_prefix(std::min(input.size(), kind.size() + 1));
  if (kind == "host") try_host(input);
  if (kind == "config") try_config(input);
  if (kind == "build") try_build(input);
}

}  // namespace
}  // namespace deis::controller
