#include "logspout/line_assembler.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace deis::logspout {
namespace {

docker::LogPiece piece(const std::string& data) {
  return {docker::LogPiece::Stream::out, data};
}

TEST(LineAssembler, JoinsTheFramesOfALongLine) {
  LineAssembler assembler;
  EXPECT_TRUE(assembler.take(piece("2026-11-23T14:12:17.000000001Z first ")).empty());
  const auto lines = assembler.take(piece("2026-11-23T14:12:17.000000002Z second\n"));
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0].text, "first second");
}

TEST(LineAssembler, CutsLinesWithoutEndAndSaysSo) {
  LineAssembler assembler;
  std::vector<Line> lines;
  for (int i = 0; i < 10; ++i) {
    for (Line& line : assembler.take(piece("2026-11-23T14:12:17Z " + std::string(16 * 1024, 'x'))))
      lines.push_back(line);
  }
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_TRUE(lines[0].text.ends_with("[line cut here]"));
}

TEST(LineAssembler, NumbersLinesOfOneMoment) {
  LineAssembler assembler;
  const auto lines =
      assembler.take(piece("2026-11-23T14:12:17Z a\n2026-11-23T14:12:17Z b\n2026-11-23T14:12:18Z c\n"));
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[1].sequence, 1);
  EXPECT_EQ(lines[2].sequence, 0);
}

// The two outputs are stamped separately; the logger would take the second line for one that it has.
TEST(LineAssembler, ALineStampedBeforeTheOneInFrontOfItKeepsItsPlace) {
  LineAssembler assembler;
  const auto lines =
      assembler.take(piece("2026-11-23T14:12:18Z a\n2026-11-23T14:12:17Z b\n2026-11-23T14:12:18Z c\n"));
  ASSERT_EQ(lines.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(lines[i].time_ns, lines[0].time_ns);
    EXPECT_EQ(lines[i].sequence, static_cast<std::int64_t>(i));
  }
}

TEST(LineAssembler, SurvivesAnyBytesAndGivesValidText) {
  EXPECT_TRUE(rc::check("any bytes", [](const std::vector<std::string>& pieces) {
    LineAssembler assembler;
    for (const std::string& data : pieces) assembler.take(piece(data));
  }));
  LineAssembler assembler;
  EXPECT_EQ(assembler.take(piece("2026-11-23T14:12:17Z \xff\n"))[0].text, "\xef\xbf\xbd");
}

TEST(Source, IsTheAppTheOneOffOrTheComponent) {
  EXPECT_EQ(source_of({{"deis.role", "app"}, {"deis.job", "shop_v2.web.1"}})->process, "web.1");
  EXPECT_EQ(source_of({{"deis.role", "run"}, {"deis.job", "shop_v2.run.4"}})->process, "run.4");
  EXPECT_EQ(source_of({{"deis.component", "router"}})->app, "deis-router");
  EXPECT_FALSE(source_of({{"other", "x"}}));
}

TEST(Source, TheControllersEventsBelongToTheirApp) {
  const Source controller = *source_of({{"deis.component", "controller"}});
  std::string text = "INFO [shop]: ann created initial release";
  EXPECT_EQ(attribute(controller, text).app, "shop");
  EXPECT_EQ(text, "ann created initial release");
  std::string restart = "WARNING [shop]: shop_v3.web.1 did not answer";
  const Source publisher = *source_of({{"deis.component", "publisher"}});
  EXPECT_EQ(attribute(publisher, restart).process, "deis-publisher");
  for (const char* other :
       {"plain", "info [shop]: x", "INFO [Shop]: x", "INFO shop: x", "{\"msg\":\"INFO [shop]: x\"}"}) {
    std::string line = other;
    EXPECT_EQ(attribute(controller, line).app, "deis-controller") << other;
    EXPECT_EQ(line, other);
  }
}

}  // namespace
}  // namespace deis::logspout
