#pragma once
// "Did you mean ...?" for commands, options and apps. Pure.

#include <string>
#include <vector>

namespace deis::cli {

// Insertions, deletions, replacements and swaps of neighbours that make `a` into `b`.
std::size_t edit_distance(const std::string& a, const std::string& b);

// Those of `names` that `word` may be a slip of, best first, at most three: few edits away, or beginning with
// it.
std::vector<std::string> nearest(const std::string& word, const std::vector<std::string>& names);

}  // namespace deis::cli
