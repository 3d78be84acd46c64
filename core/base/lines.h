#pragma once
// Lines out of a stream that is cut anywhere, sans I/O. What waits for its end is bounded. Fuzzed.

#include "core/base/error.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace deis {

class LineSplitter {
 public:
  // `longest` bounds a line in bytes; `what` names it in the error: "a log record".
  LineSplitter(std::size_t longest, const char* what) : longest_(longest), what_(what) {}

  void add(std::string_view bytes) {
    buffer_.erase(0, begin_);
    searched_ -= begin_;
    begin_ = 0;
    buffer_ += bytes;
  }

  // The next complete line without its '\n'. Throws Error{too_large} when what waits is longer than a line
  // may be.
  std::optional<std::string> next() {
    const auto end = buffer_.find('\n', searched_);
    const std::size_t length = (end == std::string::npos ? buffer_.size() : end) - begin_;
    if (length > longest_) {
      throw Error(
          ErrorCode::too_large, std::string(what_) + " is over " + std::to_string(longest_) + " bytes");
    }
    if (end == std::string::npos) {
      searched_ = buffer_.size();
      return std::nullopt;
    }
    std::string line = buffer_.substr(begin_, length);
    begin_ = searched_ = end + 1;
    return line;
  }

  // At the end of the stream: what came behind the last '\n'.
  std::string rest() {
    std::string last = buffer_.substr(begin_);
    buffer_.clear();
    begin_ = searched_ = 0;
    return last;
  }

 private:
  std::size_t longest_;
  const char* what_;
  std::string buffer_;
  std::size_t begin_ = 0, searched_ = 0;
};

}  // namespace deis
