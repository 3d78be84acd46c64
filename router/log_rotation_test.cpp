#include "router/log_rotation.h"

#include <gtest/gtest.h>

#include <fstream>
#include <unistd.h>

namespace deis::router {
namespace {

namespace fs = std::filesystem;

class LogRotationTest : public testing::Test {
 protected:
  void SetUp() override { fs::create_directories(directory_); }
  void TearDown() override { fs::remove_all(directory_); }
  void write(const std::string& text) { std::ofstream(file_, std::ios::app) << text; }
  static std::string read(const fs::path& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }
  fs::path directory_ = fs::temp_directory_path() / ("deis-log-rotation-" + std::to_string(::getpid()));
  fs::path file_ = directory_ / "access.log";
};

TEST_F(LogRotationTest, LeavesASmallOrAbsentFileAlone) {
  EXPECT_FALSE(put_aside_if_large(file_, 3, 2));
  write("ab");
  EXPECT_FALSE(put_aside_if_large(file_, 3, 2));
  EXPECT_EQ(read(file_), "ab");
}

TEST_F(LogRotationTest, KeepsTheNewestFilesInOrderAndDropsTheOldest) {
  for (const char* text : {"first", "second", "third"}) {
    write(text);
    EXPECT_TRUE(put_aside_if_large(file_, 5, 2));
    EXPECT_FALSE(fs::exists(file_));
  }
  EXPECT_EQ(read(directory_ / "access.log.1"), "third");
  EXPECT_EQ(read(directory_ / "access.log.2"), "second");
  EXPECT_FALSE(fs::exists(directory_ / "access.log.3"));
}

}  // namespace
}  // namespace deis::router
