#include "cli/log_lines.h"

#include "core/json/json.h"

#include <fmt/format.h>

namespace deis::cli {
namespace {

struct Parts {
  std::string_view time, word, rest;
};

// The word is empty when there is none.
Parts split_line(std::string_view line) {
  const auto blank = line.find(' ');
  if (blank == std::string_view::npos) return {};
  const auto end = line.find(": ", blank);
  if (end == std::string_view::npos) return {};
  return {line.substr(0, blank), line.substr(blank + 1, end - blank - 1), line.substr(end + 2)};
}

}  // namespace

std::string coloured(std::string_view line) {
  std::string_view word = split_line(line).word;
  if (word.empty()) word = "unknown";
  unsigned sum = 0;
  for (const char c : word) sum += static_cast<unsigned char>(c);
  const unsigned colour = sum % 256 % 7 + 1;
  return fmt::format("\033[3{}m{}\033[0m", colour == 7 ? 9 : colour, line);
}

json::object log_json(std::string_view line) {
  json::object object{{"line", line}};
  const Parts parts = split_line(line);
  const auto open = parts.word.find('[');
  if (open == std::string_view::npos || !parts.word.ends_with(']')) return object;
  object["time"] = parts.time;
  object["process"] = parts.word.substr(open + 1, parts.word.size() - open - 2);
  object["message"] = parts.rest;
  return object;
}

}  // namespace deis::cli
