#include "core/docker/demux.h"

#include "core/base/error.h"

namespace deis::docker {
namespace {

constexpr std::size_t kHeader = 8;
constexpr std::size_t kLongestFrame = 4 * 1024 * 1024;  // the Engine's own have 16 KiB or 32 KiB

std::size_t payload_size(std::string_view header) {
  std::size_t size = 0;
  for (std::size_t i = 4; i < kHeader; ++i) size = size << 8 | static_cast<unsigned char>(header[i]);
  return size;
}

}  // namespace

std::vector<LogPiece> LogDemux::feed(std::string_view bytes) {
  buffer_ += bytes;
  std::vector<LogPiece> pieces;
  std::size_t at = 0;
  while (buffer_.size() - at >= kHeader) {
    const std::string_view header = std::string_view(buffer_).substr(at, kHeader);
    const auto stream = static_cast<unsigned char>(header[0]);
    if (stream > 2 || header[1] != 0 || header[2] != 0 || header[3] != 0) {
      throw Error(ErrorCode::invalid, "not a multiplexed stream: was the container started with a TTY?");
    }
    const std::size_t size = payload_size(header);
    if (size > kLongestFrame)
      throw Error(ErrorCode::too_large, "a frame of a container's output is too long");
    if (buffer_.size() - at - kHeader < size) break;
    pieces.push_back(
        {stream == 2 ? LogPiece::Stream::err : LogPiece::Stream::out, buffer_.substr(at + kHeader, size)});
    at += kHeader + size;
  }
  buffer_.erase(0, at);
  return pieces;
}

}  // namespace deis::docker
