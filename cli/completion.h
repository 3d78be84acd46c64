#pragma once
// What a shell offers at the cursor. `deis __complete <words>` prints a candidate per line, with a tab and
// what it is behind some; the last word is the one being typed. A line ":file" asks the shell for file names.
// It is quick, and never says what goes wrong: no controller, no names.

#include "cli/arguments.h"

#include <functional>
#include <string>
#include <vector>

namespace deis::cli {

struct Candidate {
  std::string word, meaning;
  bool operator==(const Candidate&) const = default;
};

// Where names come from that only the controller knows. `app` is what the words say, or "".
using Names = std::function<std::vector<std::string>(Completes what, const std::string& app)>;

// Pure but for `names`.
std::vector<Candidate> candidates(const std::vector<std::string>& words, const Names& names);

int complete(const std::vector<std::string>& words);

}  // namespace deis::cli
