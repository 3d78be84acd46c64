#pragma once
// What is to be seen while a call is under way.

#include "cli/api.h"
#include "cli/loop.h"
#include "core/net/event.h"

#include <iosfwd>
#include <memory>
#include <optional>
#include <string>

namespace deis::cli {

// Says `text`, and moves behind it on a terminal (contract api.md §8.2: four frames, 0.4 s, erased by
// backspaces). Into a file or a pipe goes the text alone.
class Progress {
 public:
  Progress(Loop& loop, std::ostream& out, const std::string& text);
  ~Progress();
  // A line on standard error in between; the movement ends with the first one.
  void line(const std::string& text);

 private:
  Task<> animate();
  void erase_frame();

  std::ostream& out_;
  bool on_terminal_, line_open_, frame_shown_ = false, moving_ = true;
  std::optional<Background> animation_;
};

// Whether phases are to be shown: asked for, or standard error is a terminal that can show them.
bool phases_wanted(bool asked);

// From here to its end the phases of what this API's next calls cause are shown. A controller that has no
// events shows none.
class PhaseLines {
 public:
  PhaseLines(Api& api, const std::string& path, Progress& progress);
  ~PhaseLines();

 private:
  Task<> show(std::unique_ptr<net::ResponseStream> stream, std::string request_id, Progress& progress);

  Api& api_;
  net::Event ended_;
  bool any_ = false;
  std::optional<Background> reader_;
};

}  // namespace deis::cli
