#include "core/net/websocket_frame.h"

#include "core/base/text.h"

#include <algorithm>

namespace deis::net {
namespace {

constexpr std::size_t kMaxControl = 125;
constexpr std::uint8_t kFinal = 0x80, kReserved = 0x70, kOpcode = 0x0f, kMasked = 0x80, kLength = 0x7f;
constexpr std::uint8_t kLength16 = 126, kLength64 = 127;

std::uint8_t byte(char c) {
  return static_cast<std::uint8_t>(c);
}

bool is_control(Opcode opcode) {
  return static_cast<std::uint8_t>(opcode) >= 8;
}

bool is_known(std::uint8_t opcode) {
  return opcode <= 2 || (opcode >= 8 && opcode <= 10);
}

// Those that may stand in a close frame (RFC 6455 §7.4).
bool is_sendable(std::uint16_t code) {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

void append_number(std::string& out, std::uint64_t number, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out += static_cast<char>(number >> shift & 0xff);
}

std::uint64_t read_number(std::string_view bytes) {
  std::uint64_t number = 0;
  for (const char c : bytes) number = number << 8 | byte(c);
  return number;
}

FrameError violation(const std::string& message) {
  return FrameError(CloseCode::protocol_error, message);
}

Frame close_frame(std::string payload) {
  Frame frame{.opcode = Opcode::close};
  if (payload.empty()) return frame;
  if (payload.size() == 1) throw violation("half a close code");
  frame.close_code = static_cast<std::uint16_t>(read_number(std::string_view(payload).substr(0, 2)));
  if (!is_sendable(frame.close_code)) throw violation("a close code that must not be sent");
  frame.data = payload.substr(2);
  if (!is_valid_utf8(frame.data)) throw FrameError(CloseCode::not_utf8, "a close reason that is not UTF-8");
  return frame;
}

}  // namespace

std::string encode_frame(Opcode opcode, std::string_view payload, std::optional<Mask> mask) {
  std::string frame(1, static_cast<char>(kFinal | static_cast<std::uint8_t>(opcode)));
  const std::uint8_t masked = mask ? kMasked : 0;
  if (payload.size() < kLength16) {
    frame += static_cast<char>(masked | payload.size());
  } else if (payload.size() <= 0xffff) {
    frame += static_cast<char>(masked | kLength16);
    append_number(frame, payload.size(), 2);
  } else {
    frame += static_cast<char>(masked | kLength64);
    append_number(frame, payload.size(), 8);
  }
  if (!mask) return frame.append(payload);
  frame.append(mask->begin(), mask->end());
  for (std::size_t i = 0; i < payload.size(); ++i)
    frame += static_cast<char>(byte(payload[i]) ^ (*mask)[i % mask->size()]);
  return frame;
}

std::string encode_close(std::uint16_t code, std::string_view reason) {
  std::string payload;
  append_number(payload, code, 2);
  const std::string text = to_valid_utf8(reason);
  std::size_t length = std::min(text.size(), kMaxControl - payload.size());
  while (length > 0 && length < text.size() && (byte(text[length]) & 0xc0) == 0x80) --length;
  return payload.append(text, 0, length);
}

std::vector<Frame> FrameParser::feed(std::string_view bytes) {
  std::vector<Frame> frames;
  for (;;) {
    if (closed_) return frames;
    while (!in_payload_) {
      if (bytes.empty()) return frames;
      header_ += bytes.front();
      bytes.remove_prefix(1);
      if (parse_header()) begin_payload();
    }
    take_payload(bytes);
    if (taken_ < length_) return frames;
    in_payload_ = false;
    if (is_control(opcode_) || final_) frames.push_back(finish_frame());
  }
}

// True when the header is complete.
bool FrameParser::parse_header() {
  if (header_.size() < 2) return false;
  const std::uint8_t first = byte(header_[0]), second = byte(header_[1]);
  if ((first & kReserved) != 0) throw violation("reserved bits are set");
  if (!is_known(first & kOpcode)) throw violation("an unknown opcode");
  final_ = (first & kFinal) != 0;
  opcode_ = static_cast<Opcode>(first & kOpcode);
  const bool masked = (second & kMasked) != 0;
  if (masked != (peer_ == Peer::client))
    throw violation(masked ? "a server masked a frame" : "a client did not mask a frame");

  const std::uint8_t length = second & kLength;
  const std::size_t length_bytes = length == kLength16 ? 2 : length == kLength64 ? 8 : 0;
  const std::size_t mask_bytes = masked ? 4 : 0;
  if (header_.size() < 2 + length_bytes + mask_bytes) return false;
  const std::string_view rest = std::string_view(header_).substr(2);
  length_ = length_bytes == 0 ? length : read_number(rest.substr(0, length_bytes));
  const bool minimal = length_bytes == 0 ||
                       (length_bytes == 2 ? length_ >= kLength16 : length_ > 0xffff && length_ >> 63 == 0);
  if (!minimal) throw violation("a length that is not written in its shortest form");
  mask_.reset();
  if (masked) {
    mask_.emplace();
    std::copy_n(rest.begin() + static_cast<std::ptrdiff_t>(length_bytes), mask_bytes, mask_->begin());
  }
  check_header();
  return true;
}

void FrameParser::check_header() const {
  if (is_control(opcode_)) {
    if (!final_) throw violation("a fragmented control frame");
    if (length_ > kMaxControl) throw violation("a control frame over 125 bytes");
    return;
  }
  if (opcode_ == Opcode::continuation && !message_) throw violation("a continuation of nothing");
  if (opcode_ != Opcode::continuation && message_) throw violation("a message within a message");
  if (length_ > max_message_ - data_.size())
    throw FrameError(
        CloseCode::too_large, "a message over the limit of " + std::to_string(max_message_) + " bytes");
}

void FrameParser::begin_payload() {
  header_.clear();
  in_payload_ = true;
  taken_ = 0;
  if (!is_control(opcode_) && opcode_ != Opcode::continuation) message_ = opcode_;
}

void FrameParser::take_payload(std::string_view& bytes) {
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(length_ - taken_, bytes.size()));
  std::string& into = is_control(opcode_) ? control_ : data_;
  const std::size_t begin = into.size();
  into.append(bytes.substr(0, count));
  if (mask_) {
    for (std::size_t i = 0; i < count; ++i)
      into[begin + i] = static_cast<char>(byte(into[begin + i]) ^ (*mask_)[(taken_ + i) % mask_->size()]);
  }
  taken_ += count;
  bytes.remove_prefix(count);
}

Frame FrameParser::finish_frame() {
  if (is_control(opcode_)) {
    std::string payload = std::exchange(control_, std::string());
    if (opcode_ != Opcode::close) return Frame{.opcode = opcode_, .data = std::move(payload)};
    closed_ = true;
    return close_frame(std::move(payload));
  }
  Frame message{.opcode = *message_, .data = std::exchange(data_, std::string())};
  message_.reset();
  if (message.opcode == Opcode::text && !is_valid_utf8(message.data))
    throw FrameError(CloseCode::not_utf8, "a text message that is not UTF-8");
  return message;
}

}  // namespace deis::net
