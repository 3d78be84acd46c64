#pragma once
// Help in all its forms, made from the table of commands. Pure.

#include "cli/command.h"

#include <string>

namespace deis::cli {

inline constexpr auto kUsage = "Usage: deis <command> [<args>...]";

std::string overview();
std::string group_help(const std::string& group);  // "" when there is no such group
std::string command_help(const Command& command);
std::string reference_markdown();  // docs/reference/deis.md
std::string reference_man();       // docs/reference/deis.1

}  // namespace deis::cli
