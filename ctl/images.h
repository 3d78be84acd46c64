#pragma once
// Which image each component runs: the manifest that images/build writes, one "<component> <image>" per line.

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

namespace deis::ctl {

using Images = std::map<std::string, std::string, std::less<>>;  // component -> image

// Throws Error{invalid} naming the line.
Images parse_manifest(std::string_view text);

// Throws Error{not_found} that says how to make one.
Images read_manifest(const std::filesystem::path& file);

}  // namespace deis::ctl
