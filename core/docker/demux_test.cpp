#include "core/docker/demux.h"

#include "core/base/error.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace deis::docker {
namespace {

std::string frame(char stream, const std::string& payload) {
  std::string bytes(8, '\0');
  bytes[0] = stream;
  for (int i = 0; i < 4; ++i)
    bytes[static_cast<std::size_t>(7 - i)] = static_cast<char>(payload.size() >> (8 * i) & 0xff);
  return bytes + payload;
}

TEST(LogDemux, GivesTheSamePiecesHoweverTheBytesAreCut) {
  EXPECT_TRUE(rc::check(
      "cuts do not matter", [](const std::vector<std::string>& payloads, const std::vector<unsigned>& cuts) {
        std::string bytes, expected_out, expected_err;
        for (std::size_t i = 0; i < payloads.size(); ++i) {
          bytes += frame(i % 2 ? 2 : 1, payloads[i]);
          (i % 2 ? expected_err : expected_out) += payloads[i];
        }
        LogDemux demux;
        std::string out, err;
        const auto feed = [&](std::string_view part) {
          for (const LogPiece& piece : demux.feed(part))
            (piece.stream == LogPiece::Stream::err ? err : out) += piece.data;
        };
        std::string_view rest = bytes;
        for (const unsigned cut : cuts) {
          const auto size = rest.empty() ? 0 : cut % (rest.size() + 1);
          feed(rest.substr(0, size));
          rest.remove_prefix(size);
        }
        feed(rest);
        RC_ASSERT(out == expected_out);
        RC_ASSERT(err == expected_err);
        RC_ASSERT(demux.empty());
      }));
}

TEST(LogDemux, RefusesAStreamWithoutFrames) {
  LogDemux demux;
  EXPECT_THROW(demux.feed("plain text of a TTY"), Error);
}

TEST(LogDemux, RefusesAFrameOfMegabytesBeforeItHasCome) {
  LogDemux demux;
  EXPECT_THROW(demux.feed(std::string("\1\0\0\0\x7f\xff\xff\xff", 8)), Error);
}

}  // namespace
}  // namespace deis::docker
