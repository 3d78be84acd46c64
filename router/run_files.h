#pragma once
// Small files in the router's run directory: what nginx's configuration names, and the configuration itself.

#include "router/nginx_config.h"

#include <string>
#include <vector>

namespace deis::router {

// "" when there is none.
std::string read_text(const std::string& path);

// The old content or the new one, never a part; never readable by more than `mode` says. Throws
// Error{internal}.
void write_whole(const std::string& path, const std::string& content, unsigned mode);

// Writes those that are not there yet: their names tell their content.
void write_missing(const std::vector<ConfigFile>& files);
// Removes what is in the directory and not in `kept`.
void remove_others(const std::string& directory, const std::vector<ConfigFile>& kept);

}  // namespace deis::router
