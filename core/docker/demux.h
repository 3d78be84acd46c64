#pragma once
// Docker's multiplexed stream: frames of {stream, 0, 0, 0, size32be} payload. Sans-IO; fuzzed.

#include "core/docker/types.h"

#include <string>
#include <string_view>
#include <vector>

namespace deis::docker {

class LogDemux {
 public:
  // Feeds raw bytes; returns the complete pieces. Throws Error{invalid} on a header that cannot be one,
  // Error{too_large} on a frame of megabytes.
  std::vector<LogPiece> feed(std::string_view bytes);
  bool empty() const { return buffer_.empty(); }  // no half frame is waiting

 private:
  std::string buffer_;
};

}  // namespace deis::docker
