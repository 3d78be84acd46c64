#pragma once
// Lines out of Docker's log frames: one frame is a time, a blank and a message; a long line comes as several
// frames, of which only the last ends in a line feed. Pure.

#include "core/docker/types.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace deis::logspout {

struct Line {
  std::int64_t time_ns = 0;   // never before that of the line before
  std::int64_t sequence = 0;  // among lines with the same time
  std::string text;           // valid UTF-8, without the line feed
};

class LineAssembler {
 public:
  static constexpr std::size_t kLongest = 64 * 1024;  // bytes; longer lines are cut and marked

  // The lines that this frame completes. Frames that cannot be read are dropped and counted.
  std::vector<Line> take(const docker::LogPiece& piece);
  std::int64_t unreadable() const { return unreadable_; }

 private:
  void add(std::vector<Line>& lines, std::int64_t time_ns, std::string text);
  std::string partial_[2];  // of standard output and standard error
  std::int64_t last_time_ = 0, sequence_ = -1, unreadable_ = 0;
};

// What the line is filed under (contract components.md §4.1). nullopt: not a container of the platform's.
struct Source {
  std::string app, process;
  bool speaks_of_apps = false;  // its lines may belong to apps
};
std::optional<Source> source_of(const docker::Labels& labels);
// "INFO [shop]: text" of the controller becomes {shop, deis-controller} with the text alone; of the publisher
// likewise.
Source attribute(const Source& source, std::string& text);

}  // namespace deis::logspout
