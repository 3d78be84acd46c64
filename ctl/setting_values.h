#pragma once
// What `deisctl config set` writes for what was typed: some settings are the content of a file, and a setting
// of the router must follow its rule before anything is written (core/component/router_settings.h).

#include "core/component/setting_rule.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace deis::ctl {

using Pairs =
    std::vector<std::pair<std::string, std::string>>;  // key below /deis/ ("router/bodySize"), value

// Replaces names of files by their content where the setting is one: router/sslCert, sslKey, sslDhparam and
// the error pages as they are, platform/sshPrivateKey in base64. `~/` and `$HOME/` at the beginning are
// `home`. A value that is the text itself (it begins with "<" or "-----BEGIN") is taken as it is. Throws
// Error{invalid} that names the key and the file.
Pairs read_files(Pairs pairs, const std::string& home);

// Throws Error{invalid} with key, value and rule of every value that breaks one. `present`: what is set
// already, for rules about several settings.
void check_settings(const Pairs& pairs, const component::SettingValues& present);

// Keys among them that no router knows: a warning, because nothing says that only the router reads there.
std::vector<std::string> unknown_settings(const Pairs& pairs);

}  // namespace deis::ctl
