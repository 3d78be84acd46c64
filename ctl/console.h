#pragma once
// What deisctl prints: headings, progress lines with times, tables. All on standard output; errors go to
// standard error.

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace deis::ctl {

void heading(std::string_view text);                              // "-----> Installing the platform"
void progress(std::string_view subject, std::string_view state);  // "       router       ready in 1.2 s"
void note(std::string_view text);                                 // indented, below a progress line

// Columns as wide as their widest cell, two blanks between them. The first row is the header.
std::string format_table(const std::vector<std::vector<std::string>>& rows);

class Stopwatch {
 public:
  std::string seconds() const;  // "1.2 s"

 private:
  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
};

}  // namespace deis::ctl
