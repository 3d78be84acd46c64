#pragma once
// From the words behind `deis` to a command and its exit code (contract api.md §8.2).

#include "cli/command.h"

#include <string>
#include <vector>

namespace deis::cli {

struct Chosen {
  const Command* command = nullptr;  // null: there is none of that name
  std::size_t words = 1;             // how many words its name took
};

// "apps:create", "apps create", "create", and a bare group for its list. Pure.
Chosen choose(const std::vector<std::string>& words);
// "Did you mean 'deis apps:create'?" or "". Pure.
std::string did_you_mean(const std::string& word);

int dispatch(const std::vector<std::string>& words);

}  // namespace deis::cli
