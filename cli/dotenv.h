#pragma once
// The .env file of config:pull and config:push. Pure.

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace deis::cli {

using Values = std::map<std::string, std::string>;

// "KEY=value\n" per pair.
std::string write_env(const Values& values);
// Lines that hold a pair; what does not is left out.
Values read_env(std::string_view text);
// The lines of a file; what stands behind the last line end is not one (contract api.md §8.4, config:push).
std::vector<std::string> complete_lines(std::string_view text);

}  // namespace deis::cli
