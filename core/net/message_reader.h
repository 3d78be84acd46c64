#pragma once
// Reads one HTTP message from a stream: first its head, then its body piece by piece. Included only by .cpp
// files.

#include "core/base/error.h"
#include "core/net/message_parser.h"
#include "core/net/stream.h"

#include <boost/beast/http/error.hpp>
#include <fmt/format.h>

#include <array>
#include <string>

namespace deis::net {

template <bool IsRequest>
class MessageReader {
 public:
  // `unread` holds bytes that came in behind the previous message and keeps those behind this one.
  MessageReader(Stream& stream, std::string& unread, std::size_t max_head)
      : stream_(stream), unread_(unread) {
    parser.header_limit(static_cast<std::uint32_t>(max_head));
    parser.body_limit(boost::none);
  }

  MessageParser<IsRequest> parser;

  // False when the peer closed the connection before the first byte.
  Task<bool> read_head(Deadline deadline) {
    bool any = !unread_.empty();
    if (any) parse();
    while (!parser.is_header_done()) {
      const bool more = co_await fill(deadline);
      if (!more && !any) co_return false;
      any = true;
    }
    co_return true;
  }

  // The next bytes of the body, "" at its end.
  Task<std::string> read_body(Deadline deadline) {
    while (parser.body.empty() && !parser.is_done()) co_await fill(deadline);
    co_return std::exchange(parser.body, std::string());
  }

  bool started() const { return started_; }  // whether any byte of the message has arrived

 private:
  // Reads once and parses; false at the end of the stream.
  Task<bool> fill(Deadline deadline) {
    std::array<char, 16 * 1024> bytes;
    const std::size_t count = co_await stream_.read_some(bytes.data(), bytes.size(), deadline);
    if (count == 0) {
      if (!started_ && unread_.empty()) {
        if constexpr (IsRequest) co_return false;
        throw Error(
            ErrorCode::unavailable,
            fmt::format("{} closed the connection without an answer", stream_.peer()));
      }
      boost::beast::error_code error;
      parser.put_eof(error);
      if (error)
        throw Error(
            ErrorCode::unavailable, fmt::format("{} closed the connection within a message", stream_.peer()));
      co_return false;
    }
    started_ = true;
    unread_.append(bytes.data(), count);
    parse();
    co_return true;
  }

  void parse() {
    boost::beast::error_code error;
    const std::size_t used = parser.feed(unread_, error);
    unread_.erase(0, used);
    if (!error || error == boost::beast::http::error::need_more) return;
    if (error == boost::beast::http::error::header_limit)
      throw Error(ErrorCode::too_large, "the head of the message is too large");
    throw Error(ErrorCode::invalid, fmt::format("not HTTP/1.1: {}", error.message()));
  }

  Stream& stream_;
  std::string& unread_;
  bool started_ = false;
};

}  // namespace deis::net
