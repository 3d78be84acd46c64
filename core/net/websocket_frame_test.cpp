#include "core/net/websocket_frame.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace deis::net {
namespace {

using Peer = FrameParser::Peer;

constexpr Mask kMask{0x37, 0xfa, 0x21, 0x3d};

std::string bytes(std::initializer_list<int> values) {
  std::string text;
  for (const int value : values) text += static_cast<char>(value);
  return text;
}

std::vector<Frame> from_server(std::string_view text, std::size_t max_message = 1 << 20) {
  return FrameParser(Peer::server, max_message).feed(text);
}

// The close code that these bytes of a server are worth; 0 when they are good.
int refusal(std::string_view text, std::size_t max_message = 1 << 20) {
  try {
    from_server(text, max_message);
    return 0;
  } catch (const FrameError& error) {
    return error.close_code();
  }
}

Frame text_frame(std::string data) {
  return Frame{.opcode = Opcode::text, .data = std::move(data)};
}

TEST(WebSocketFrames, AreThoseOfTheStandardsExamples) {  // RFC 6455 §5.7
  EXPECT_EQ(encode_frame(Opcode::text, "Hello", std::nullopt), bytes({0x81, 0x05}) + "Hello");
  const std::string masked = bytes({0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58});
  EXPECT_EQ(encode_frame(Opcode::text, "Hello", kMask), masked);
  EXPECT_EQ(FrameParser(Peer::client, 100).feed(masked), std::vector<Frame>{text_frame("Hello")});
  const std::string fragments = bytes({0x01, 0x03}) + "Hel" + bytes({0x80, 0x02}) + "lo";
  EXPECT_EQ(from_server(fragments), std::vector<Frame>{text_frame("Hello")});
  EXPECT_EQ(
      encode_frame(Opcode::binary, std::string(256, 'x'), std::nullopt).substr(0, 4),
      bytes({0x82, 126, 1, 0}));
  EXPECT_EQ(
      encode_frame(Opcode::binary, std::string(65536, 'x'), std::nullopt).substr(0, 10),
      bytes({0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0}));
}

TEST(WebSocketFrames, ControlFramesMayComeAmidFragments) {
  const std::string text =
      bytes({0x01, 0x03}) + "Hel" + bytes({0x89, 0x01}) + "?" + bytes({0x80, 0x02}) + "lo";
  const std::vector<Frame> expected{Frame{.opcode = Opcode::ping, .data = "?"}, text_frame("Hello")};
  EXPECT_EQ(from_server(text), expected);
}

TEST(WebSocketFrames, EndWithTheCloseFrame) {
  const std::string close = encode_frame(Opcode::close, encode_close(1000, "bye"), std::nullopt);
  const auto frames = from_server(close + "anything at all");
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_EQ(frames[0].close_code, 1000);
  EXPECT_EQ(frames[0].data, "bye");
  const auto without_code = from_server(encode_frame(Opcode::close, "", std::nullopt));
  EXPECT_EQ(without_code.at(0).close_code, CloseCode::no_code);
}

TEST(WebSocketFrames, LongCloseReasonsAreCutBetweenCharacters) {
  std::string reason;
  for (int i = 0; i < 60; ++i) reason += "ü€";
  const auto frames = from_server(encode_frame(Opcode::close, encode_close(1011, reason), std::nullopt));
  EXPECT_LE(frames.at(0).data.size(), 123U);
  EXPECT_TRUE(reason.starts_with(frames.at(0).data));
}

TEST(WebSocketFrames, RefuseWhatTheStandardForbids) {
  const std::vector<std::pair<const char*, std::string>> broken = {
      {"reserved bits", bytes({0xc1, 0x00})},
      {"opcode 3", bytes({0x83, 0x00})},
      {"opcode 11", bytes({0x8b, 0x00})},
      {"mask of a server", bytes({0x81, 0x80, 1, 2, 3, 4})},
      {"continuation of nothing", bytes({0x80, 0x00})},
      {"text within text", bytes({0x01, 0x00, 0x81, 0x00})},
      {"fragmented ping", bytes({0x09, 0x00})},
      {"long ping", bytes({0x89, 126, 0, 126}) + std::string(126, 'x')},
      {"length 125 in two bytes", bytes({0x82, 126, 0, 125})},
      {"length 65535 in eight", bytes({0x82, 127, 0, 0, 0, 0, 0, 0, 0xff, 0xff})},
      {"length with the highest bit", bytes({0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0})},
      {"half a close code", bytes({0x88, 0x01, 0x03})},
      {"close code 999", bytes({0x88, 0x02, 0x03, 0xe7})},
      {"close code 1005", bytes({0x88, 0x02, 0x03, 0xed})},
      {"close code 5000", bytes({0x88, 0x02, 0x13, 0x88})}};
  for (const auto& [what, text] : broken) EXPECT_EQ(refusal(text), CloseCode::protocol_error) << what;
  EXPECT_THROW(FrameParser(Peer::client, 100).feed(bytes({0x81, 0x00})), FrameError) << "not masked";
}

TEST(WebSocketFrames, TextMustBeUtf8AsAWhole) {
  EXPECT_EQ(refusal(bytes({0x81, 0x01, 0xff})), CloseCode::not_utf8);
  EXPECT_EQ(refusal(bytes({0x88, 0x03, 0x03, 0xe8, 0xff})), CloseCode::not_utf8);
  const std::string cut = bytes({0x01, 0x01, 0xc3}) + bytes({0x80, 0x01, 0xbc});  // ü in two fragments
  EXPECT_EQ(from_server(cut), std::vector<Frame>{text_frame("ü")});
}

TEST(WebSocketFrames, MessagesAreBoundedBeforeTheyAreRead) {
  EXPECT_EQ(refusal(bytes({0x82, 0x05}), 4), CloseCode::too_large);
  EXPECT_EQ(refusal(bytes({0x02, 0x03}) + "abc" + bytes({0x80, 0x02}), 4), CloseCode::too_large);
  EXPECT_EQ(
      refusal(bytes({0x82, 127, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}), 4), CloseCode::too_large);
  EXPECT_EQ(refusal(bytes({0x82, 0x04}) + "abcd", 4), 0);
}

TEST(WebSocketFrames, SurviveEveryCutOfTheBytes) {
  const auto holds = [](const std::vector<std::string>& messages, const std::vector<std::uint8_t>& cuts) {
    std::string wire;
    std::vector<Frame> expected;
    for (const auto& message : messages) {
      wire += encode_frame(Opcode::binary, message, kMask);
      expected.push_back(Frame{.opcode = Opcode::binary, .data = message});
    }
    FrameParser parser(Peer::client, 1 << 20);
    std::vector<Frame> frames;
    std::string_view rest = wire;
    for (std::size_t i = 0; !rest.empty(); ++i) {
      const std::size_t count = i < cuts.size() ? std::min<std::size_t>(cuts[i], rest.size()) : rest.size();
      for (Frame& frame : parser.feed(rest.substr(0, count))) frames.push_back(std::move(frame));
      rest.remove_prefix(count);
    }
    RC_ASSERT(frames == expected);
  };
  EXPECT_TRUE(rc::check("frames survive every cut", holds));
}

TEST(WebSocketFrames, AnyBytesAreReadOrRefused) {
  const auto holds = [](const std::vector<char>& noise) {
    try {
      from_server(std::string_view(noise.data(), noise.size()), 1000);
    } catch (const FrameError&) {
    }
  };
  EXPECT_TRUE(rc::check("any bytes are read or refused", holds));
}

}  // namespace
}  // namespace deis::net
