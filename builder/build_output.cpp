#include "builder/build_output.h"

#include "core/base/text.h"

#include <algorithm>

namespace deis::builder {
namespace {

constexpr std::string_view kArrow = " ---> ";

bool is_image_id(std::string_view text) {
  return text.size() == 12 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

void BuildOutput::take(const std::string& text) {
  partial_ += text;
  for (auto end = partial_.find('\n'); end != std::string::npos; end = partial_.find('\n')) {
    take_line(partial_.substr(0, end));
    partial_.erase(0, end + 1);
  }
}

// "Step 2/5 : RUN ...", then " ---> Using cache" perhaps, then " ---> <image>". The first step's image is the
// base.
void BuildOutput::take_line(const std::string& line) {
  if (line.starts_with("Step "))
    from_cache_ = line.find(" : FROM ") != std::string::npos || line.find(" : from ") != std::string::npos;
  if (!line.starts_with(kArrow)) return;
  const std::string_view rest = trim(std::string_view(line).substr(kArrow.size()));
  if (rest == "Using cache") {
    from_cache_ = true;
  } else if (is_image_id(rest) && !from_cache_) {
    images_.emplace_back(rest);
  }
}

std::vector<std::string> BuildOutput::new_images() const {
  std::vector<std::string> newest_first(images_.rbegin(), images_.rend());
  return newest_first;
}

}  // namespace deis::builder
