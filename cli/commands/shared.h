#pragma once
// Listings that more than one command shows.

#include "cli/command.h"

namespace deis::cli {

void print_processes(Session& session);  // === shop Processes ...
void print_domains(Session& session);    // === shop Domains ...
// "web=2" -> {"web", "2"}; nullopt when there is no '=' or nothing before it.
std::optional<std::pair<std::string, std::string>> split_pair(const std::string& text);

}  // namespace deis::cli
