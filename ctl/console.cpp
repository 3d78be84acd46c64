#include "ctl/console.h"

#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

namespace deis::ctl {
namespace {

// At once, so that whoever waits sees how far it is, through a pipe as well.
void print_line(const std::string& line) {
  fmt::print("{}\n", line);
  std::fflush(stdout);
}

}  // namespace

void heading(std::string_view text) {
  print_line(fmt::format("-----> {}", text));
}

void progress(std::string_view subject, std::string_view state) {
  print_line(fmt::format("       {:<12} {}", subject, state));
}

void note(std::string_view text) {
  for (const auto line : split(trim(text), '\n')) print_line(fmt::format("         {}", line));
}

std::string format_table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      const bool last = i + 1 == row.size();
      text += last ? row[i] : fmt::format("{:<{}}  ", row[i], widths[i]);
    }
    text += "\n";
  }
  return text;
}

std::string Stopwatch::seconds() const {
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun_;
  return fmt::format("{:.1f} s", took.count());
}

}  // namespace deis::ctl
