#pragma once
// Lines of an application's log: "2026-11-25T15:00:00UTC shop[web.1]: text". Pure.

#include <boost/json/value.hpp>

#include <string>
#include <string_view>

namespace deis::cli {

// The line in the colour of its process, for a terminal (contract api.md §8.4): the bytes of the second word
// up to ": " decide.
std::string coloured(std::string_view line);
// `time process message` and the whole `line`; what is not of that form has `line` only.
boost::json::object log_json(std::string_view line);

}  // namespace deis::cli
