#pragma once
// The Procfile of a pushed repository: "web: ./server". Pure; fuzzed.

#include <map>
#include <string>

namespace deis::builder {

// Command by process type. Throws Error{invalid} with a sentence for the person who pushed.
std::map<std::string, std::string> parse_procfile(const std::string& text);

}  // namespace deis::builder
