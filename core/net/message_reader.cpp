#include "core/net/message_reader.h"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace deis::net {

Task<bool> MessageReader::read_head(Deadline deadline) {
  started_ = !unread_.empty();
  if (started_) parse();
  while (!parser.has_head()) {
    const bool more = co_await fill(deadline);
    if (!more) co_return false;
  }
  co_return true;
}

Task<std::string> MessageReader::read_body(Deadline deadline) {
  while (parser.body.empty() && !parser.is_done()) co_await fill(deadline);
  co_return std::exchange(parser.body, std::string());
}

// Reads once and parses; false at the end of the stream.
Task<bool> MessageReader::fill(Deadline deadline) {
  std::array<char, 16 * 1024> bytes;
  const auto count = co_await stream_.read_before(bytes.data(), bytes.size(), deadline);
  if (!count) {
    throw Error(
        ErrorCode::timeout,
        fmt::format("the rest of a message did not come in time from {}", stream_.peer()));
  }
  if (*count == 0) {
    if (!started_ && kind_ == MessageParser::Kind::request) co_return false;
    if (!started_)
      throw Error(
          ErrorCode::unavailable, fmt::format("{} closed the connection without an answer", stream_.peer()));
    parser.end_of_input();
    co_return false;
  }
  started_ = true;
  unread_.append(bytes.data(), *count);
  parse();
  co_return true;
}

void MessageReader::parse() {
  const std::size_t used = parser.feed(unread_);
  unread_.erase(0, used);
}

}  // namespace deis::net
