// WebSocket frames: the same messages however the bytes are cut; bounded; what was read can be sent and read
// again.
#include "core/base/fuzz.h"
#include "core/base/text.h"
#include "core/net/websocket_frame.h"

namespace deis::net {
namespace {

constexpr std::size_t kMaxMessage = 1000;

struct Outcome {
  std::vector<Frame> frames;
  bool refused = false;
};

template <typename NextPiece>
Outcome read(FrameParser::Peer peer, std::string_view rest, NextPiece next_piece) {
  FrameParser parser(peer, kMaxMessage);
  Outcome outcome;
  try {
    while (!rest.empty()) {
      for (Frame& frame : parser.feed(next_piece(rest))) outcome.frames.push_back(std::move(frame));
    }
  } catch (const FrameError& error) {
    FUZZ_REQUIRE(error.close_code() >= 1000 && error.close_code() < 5000);
    outcome.refused = true;
  }
  return outcome;
}

void check(const Frame& frame) {
  const bool control =
      frame.opcode == Opcode::close || frame.opcode == Opcode::ping || frame.opcode == Opcode::pong;
  FUZZ_REQUIRE(frame.opcode != Opcode::continuation);
  FUZZ_REQUIRE(frame.data.size() <= (control ? 125 : kMaxMessage));
  const bool is_text = frame.opcode == Opcode::text || frame.opcode == Opcode::close;
  FUZZ_REQUIRE(!is_text || is_valid_utf8(frame.data));
}

void check_round_trip(FrameParser::Peer peer, const Frame& frame) {
  std::optional<Mask> mask;
  if (peer == FrameParser::Peer::client) mask = Mask{1, 2, 3, 4};
  std::string payload = frame.data;
  if (frame.opcode == Opcode::close)
    payload = frame.close_code == CloseCode::no_code ? "" : encode_close(frame.close_code, frame.data);
  FrameParser parser(peer, kMaxMessage);
  const std::vector<Frame> again = parser.feed(encode_frame(frame.opcode, payload, mask));
  FUZZ_REQUIRE(again.size() == 1 && again.front() == frame);
}

DEIS_FUZZ(websocket) {
  const auto peer = input.starts_with('s') ? FrameParser::Peer::server : FrameParser::Peer::client;
  if (!input.empty()) input.remove_prefix(1);
  fuzz::Choices choices(input);
  const auto all = [](std::string_view& rest) { return std::exchange(rest, std::string_view()); };
  const Outcome whole = read(peer, input, all);
  const Outcome cut = read(peer, input, [&](std::string_view& rest) { return choices.piece(rest); });
  FUZZ_REQUIRE(whole.refused == cut.refused);
  FUZZ_REQUIRE(whole.refused || whole.frames == cut.frames);
  for (const Frame& frame : cut.frames) {
    check(frame);
    check_round_trip(peer, frame);
  }
}

}  // namespace
}  // namespace deis::net
