#pragma once
// Names for completion, from the controller: quick or not at all. Names of apps are kept for half a minute in
// the user's cache directory.

#include "cli/arguments.h"

#include <string>
#include <vector>

namespace deis::cli {

std::vector<std::string> names_of_controller(Completes what, const std::string& app);

}  // namespace deis::cli
