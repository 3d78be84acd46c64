#include "builder/procfile.h"

#include "core/base/error.h"

#include <gtest/gtest.h>

namespace deis::builder {
namespace {

std::string failure_of(const std::string& text) {
  try {
    parse_procfile(text);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid);
    return error.what();
  }
  return "";
}

TEST(Procfile, IsAMapOfTypesToCommands) {
  const std::map<std::string, std::string> expected{{"web", "./server -p $PORT"}, {"worker", "a: b"}};
  EXPECT_EQ(parse_procfile("web: ./server -p $PORT\n# a comment\nworker: 'a: b'\n"), expected);
}

TEST(Procfile, SaysWhatIsWrongWithIt) {
  EXPECT_NE(failure_of("").find("must be a map"), std::string::npos);
  EXPECT_NE(failure_of("- a\n- b\n").find("must be a map"), std::string::npos);
  EXPECT_NE(failure_of("web:\n").find("no command for 'web'"), std::string::npos);
  EXPECT_NE(failure_of("web: [a, b]\n").find("no command for 'web'"), std::string::npos);
  EXPECT_NE(failure_of("we b: x\n").find("'we b'"), std::string::npos);
  EXPECT_NE(failure_of("web: a\nweb: b\n").find("twice"), std::string::npos);
  EXPECT_NE(failure_of("web: \"a\\0b\"\n").find("control characters"), std::string::npos);
  EXPECT_NE(failure_of("web: {open\n").find("not valid YAML"), std::string::npos);
  EXPECT_NE(failure_of("web: \xff\n").find("UTF-8"), std::string::npos);
  EXPECT_NE(failure_of(std::string(100'000, 'a')).find("over 65536 bytes"), std::string::npos);
  EXPECT_NE(failure_of("web: " + std::string(10'000, '[')), "");
}

}  // namespace
}  // namespace deis::builder
