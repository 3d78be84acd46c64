#pragma once
// HTTP/1.1 messages (RFC 9112) out of bytes, sans I/O: a head, then pieces of the body. Shared by server and
// client, fuzzed (http_message_fuzz.cpp).
// Strict where leniency is how requests are smuggled: a bare CR or LF, a folded header, Content-Length twice
// or beside Transfer-Encoding, blanks around a chunk size and unknown codings are refused. Trailers are
// checked and dropped. What it holds is bounded by MessageLimits; the rest of the input is the caller's.

#include "core/base/error.h"
#include "core/net/http.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace deis::net {

// A message that cannot be taken. `status()` is what a server answers; the text quotes nothing of the
// message.
class BadMessage : public Error {
 public:
  BadMessage(int status, const std::string& what);
  int status() const { return status_; }

 private:
  int status_;
};

struct MessageLimits {
  std::size_t head = 16 * 1024;     // bytes, from the first line to the empty one
  std::size_t fields = 100;         // header lines
  std::size_t chunk_line = 256;     // bytes of a line with a chunk's size and extensions
  std::size_t trailers = 8 * 1024;  // bytes behind the last chunk
};

class MessageParser {
 public:
  enum class Kind { request, response };
  MessageParser(Kind kind, MessageLimits limits) : kind_(kind), limits_(limits) {}

  // The next message is the answer to HEAD: whatever its head says, it has no body.
  void expect_no_body() { no_body_ = true; }

  // Takes what it can of `bytes` and returns how many it used up: what is left belongs to a line that is not
  // complete yet, or lies behind the message. Throws BadMessage.
  std::size_t feed(std::string_view bytes);
  // The peer will send no more. Throws Error{unavailable} when the message is not complete by that.
  void end_of_input();

  bool has_head() const { return state_ > State::head; }
  bool is_done() const { return state_ == State::done; }
  bool keep_alive() const {
    return keep_alive_;
  }  // as the head says; false when the body ends with the connection
  std::optional<std::uint64_t> content_length() const { return content_length_; }

  Request request;    // method, target, headers of a request
  ResponseHead head;  // status, reason, headers of a response
  int version = 11;   // 10 or 11
  std::string body;   // decoded pieces that were not taken yet

 private:
  enum class State { head, sized_body, until_eof, chunk_line, chunk_data, chunk_end, trailers, done };

  std::size_t feed_head(std::string_view bytes);
  std::size_t feed_sized(std::string_view bytes);
  std::size_t feed_chunk_line(std::string_view bytes);
  std::size_t feed_chunk_end(std::string_view bytes);
  std::size_t feed_trailers(std::string_view bytes);
  void read_head(std::string_view text);
  void read_request_line(std::string_view line);
  void read_status_line(std::string_view line);
  void check_host() const;
  void frame_body();
  bool wants_keep_alive() const;
  bool read_transfer_encoding();
  void read_content_length();
  Headers& headers() { return kind_ == Kind::request ? request.headers : head.headers; }
  const Headers& headers() const { return kind_ == Kind::request ? request.headers : head.headers; }

  Kind kind_;
  MessageLimits limits_;
  State state_ = State::head;
  bool no_body_ = false, keep_alive_ = false;
  std::optional<std::uint64_t> content_length_;
  std::uint64_t left_ = 0;                             // of the sized body or the chunk
  std::size_t scanned_ = 0, line_at_ = 0, lines_ = 0;  // where the search for the end of a line stands
  std::size_t trailer_bytes_ = 0;
};

}  // namespace deis::net
