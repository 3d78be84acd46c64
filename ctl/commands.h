#pragma once
// The commands of deisctl, one function each. They print what they do and throw Error for every failure.

#include "ctl/platform.h"

#include <string>
#include <vector>

namespace deis::ctl {

struct InstallOptions {
  std::vector<std::string> targets;
  std::string domain;  // of the platform; written when given
};

Task<> install(Platform& platform, InstallOptions options);
Task<> uninstall(Platform& platform, std::vector<std::string> targets);
Task<> start(Platform& platform, std::vector<std::string> targets);
Task<> stop(Platform& platform, std::vector<std::string> targets);
Task<> restart(Platform& platform, std::vector<std::string> targets);
// "router=2"
Task<> scale(Platform& platform, std::vector<std::string> targets);

// {"controller"}: a new key for the secrets in its database.
Task<> rotate_key(Platform& platform, std::vector<std::string> targets);

// What an unclean end of Docker Engine left behind below its data root; only while the Engine is down.
Task<> engine_clean(std::string engine_root);

Task<> list(Platform& platform);
Task<> machines(Platform& platform);
Task<> status(Platform& platform, std::vector<std::string> targets);
// The last `lines` lines of a component, then new ones as they come until interrupted when `follow` is set.
enum class Follow { no, yes };
Task<> journal(Platform& platform, std::string target, int lines, Follow follow);

// Settings live at /deis/<target>/<key>; a key may contain slashes.
Task<> config_get(Platform& platform, std::string target, std::vector<std::string> keys);
Task<> config_set(Platform& platform, std::string target, std::vector<std::string> pairs);
Task<> config_remove(Platform& platform, std::string target, std::vector<std::string> keys);

// Pure: "key=value" split at the first '='. Error{invalid} naming the pair when there is none or no value.
std::pair<std::string, std::string> parse_pair(const std::string& text);

}  // namespace deis::ctl
