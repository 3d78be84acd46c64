#include "cli/suggest.h"

#include <algorithm>

namespace deis::cli {

std::size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> before_last, last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replace = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replace});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    before_last = last;
    last = row;
  }
  return last[b.size()];
}

std::vector<std::string> nearest(const std::string& word, const std::vector<std::string>& names) {
  constexpr std::size_t kLongest = 64, kMost = 3;
  if (word.size() < 2 || word.size() > kLongest) return {};
  const std::size_t allowed = word.size() <= 4 ? 1 : word.size() <= 8 ? 2 : 3;
  std::vector<std::pair<std::size_t, std::string>> ranked;
  for (const std::string& name : names) {
    if (name == word || name.size() > kLongest) continue;
    const std::size_t distance = edit_distance(word, name);
    if (distance <= allowed) {
      ranked.emplace_back(distance, name);
    } else if (word.size() >= 3 && name.starts_with(word)) {
      ranked.emplace_back(allowed + 1, name);
    }
  }
  std::sort(ranked.begin(), ranked.end());
  if (ranked.size() > kMost) ranked.resize(kMost);
  std::vector<std::string> best;
  for (auto& [distance, name] : ranked) best.push_back(std::move(name));
  return best;
}

}  // namespace deis::cli
