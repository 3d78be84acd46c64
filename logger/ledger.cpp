#include "logger/ledger.h"

#include "core/base/text.h"
#include "core/component/durable_file.h"

#include <fmt/format.h>

#include <algorithm>

namespace deis::logger {
namespace {

constexpr std::size_t kMaxContainers = 10'000;

}  // namespace

// "<container> <time> <sequence>" or "@<app> <length>" on each line.
Ledger Ledger::load(const std::filesystem::path& path) {
  Ledger ledger;
  const auto text = component::read_file(path);
  if (!text) return ledger;
  for (const std::string_view line : split(*text, '\n')) {
    const auto words = split(line, ' ');
    if (words.size() == 2 && words[0].starts_with('@')) {
      if (const auto length = parse_int(words[1])) ledger.length[std::string(words[0].substr(1))] = *length;
    } else if (words.size() == 3) {
      const auto time = parse_int(words[1]), sequence = parse_int(words[2]);
      if (time && sequence) ledger.newest[std::string(words[0])] = Position{*time, *sequence};
    }
  }
  return ledger;
}

void Ledger::save(const std::filesystem::path& path) {
  while (newest.size() > kMaxContainers) {
    newest.erase(std::min_element(
        newest.begin(), newest.end(), [](const auto& a, const auto& b) { return a.second < b.second; }));
  }
  std::string text;
  for (const auto& [container, position] : newest)
    text += fmt::format("{} {} {}\n", container, position.time_ns, position.sequence);
  for (const auto& [app, bytes] : length) text += fmt::format("@{} {}\n", app, bytes);
  component::write_durably(path, text);
}

}  // namespace deis::logger
