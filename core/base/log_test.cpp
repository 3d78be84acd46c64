#include "core/base/log.h"

#include <gtest/gtest.h>

#include <functional>

namespace deis {
namespace {

std::string written(const std::function<void(const Log&)>& work, LogLevel minimum = LogLevel::info) {
  testing::internal::CaptureStderr();
  work(Log("router", minimum));
  return testing::internal::GetCapturedStderr();
}

TEST(Log, WritesOneJsonObjectPerLineWithItsFields) {
  const std::string line = written([](const Log& log) {
    log.with("request_id", "r1")
        .info("switched", {{"app", "shop"}, {"release", 3}, {"ok", true}, {"s", 0.5}});
  });
  EXPECT_EQ(line.find("{\"ts\":\""), 0u);
  EXPECT_NE(
      line.find(
          R"("level":"info","component":"router","request_id":"r1","msg":"switched","app":"shop","release":3,"ok":true,"s":0.5})"),
      std::string::npos)
      << line;
}

TEST(Log, EscapesControlCharactersAndBrokenUtf8) {
  const std::string line = written([](const Log& log) { log.error("a\"b\\c\nd\x01\xff"); });
  EXPECT_NE(line.find(R"("msg":"a\"b\\c\nd\u0001)"), std::string::npos) << line;
  EXPECT_EQ(line.find('\n'), line.size() - 1);
}

TEST(Log, DropsLinesBelowItsLevel) {
  EXPECT_EQ(written([](const Log& log) { log.info("quiet"); }, LogLevel::warning), "");
}

}  // namespace
}  // namespace deis
