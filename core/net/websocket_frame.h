#pragma once
// RFC 6455 frames, sans I/O: bytes in, messages out, and the other way. What core/net/websocket.h is made of;
// fuzzed as it is.

#include "core/base/error.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace deis::net {

enum class Opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

// Codes of a close frame (RFC 6455 §7.4.1) that we send or tell apart.
struct CloseCode {
  static constexpr std::uint16_t normal = 1000, going_away = 1001, protocol_error = 1002, no_code = 1005,
                                 not_utf8 = 1007, too_large = 1009, failed = 1011;
};

// The peer broke the protocol or a limit: answered with this close code.
class FrameError : public Error {
 public:
  FrameError(std::uint16_t code, const std::string& message)
      : Error(ErrorCode::invalid, message), close_code_(code) {}
  std::uint16_t close_code() const { return close_code_; }

 private:
  std::uint16_t close_code_;
};

using Mask = std::array<std::uint8_t, 4>;

// One whole frame. Clients must mask, servers must not.
std::string encode_frame(Opcode opcode, std::string_view payload, std::optional<Mask> mask);
// The payload of a close frame; a reason that is too long is cut.
std::string encode_close(std::uint16_t code, std::string_view reason);

// A whole message (text, binary) or a control frame.
struct Frame {
  Opcode opcode = Opcode::binary;
  std::string data;                               // of a close frame: its reason
  std::uint16_t close_code = CloseCode::no_code;  // of a close frame
  bool operator==(const Frame&) const = default;
};

class FrameParser {
 public:
  enum class Peer { client, server };  // who sends what we read: clients mask, servers do not
  FrameParser(Peer peer, std::size_t max_message) : peer_(peer), max_message_(max_message) {}

  // Messages that `bytes` complete, fragments put together, in order. Nothing comes behind a close frame.
  // Throws FrameError; then the parser is of no use any more.
  std::vector<Frame> feed(std::string_view bytes);

 private:
  bool parse_header();
  void check_header() const;
  void begin_payload();
  void take_payload(std::string_view& bytes);
  Frame finish_frame();

  Peer peer_;
  std::size_t max_message_;
  std::string header_;  // bytes of a header that is not complete
  bool in_payload_ = false, closed_ = false;
  bool final_ = false;
  Opcode opcode_ = Opcode::binary;
  std::uint64_t length_ = 0, taken_ = 0;
  std::optional<Mask> mask_;
  std::optional<Opcode> message_;  // a fragmented message is under way
  std::string data_, control_;     // of the message, of a control frame amid it
};

}  // namespace deis::net
