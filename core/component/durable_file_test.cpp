#include "core/component/durable_file.h"

#include "core/base/error.h"
#include "core/base/random.h"

#include <gtest/gtest.h>

#include <sys/stat.h>

namespace deis::component {
namespace {

class DurableFile : public testing::Test {
 protected:
  DurableFile() { std::filesystem::create_directory(directory_); }
  ~DurableFile() override { std::filesystem::remove_all(directory_); }

  const std::filesystem::path directory_ =
      std::filesystem::temp_directory_path() / ("deis-file-" + random_hex(8));
};

TEST_F(DurableFile, IsReadBackAsItWasWritten) {
  const std::string content("a\0b\n", 4);
  write_durably(directory_ / "x", content);
  EXPECT_EQ(read_file(directory_ / "x"), content);
}

TEST_F(DurableFile, HasTheModeThatWasAskedForAlsoWhenItIsReplaced) {
  write_durably(directory_ / "x", "old", 0644);
  write_durably(directory_ / "x", "new", 0600);
  struct stat status{};
  ASSERT_EQ(::stat((directory_ / "x").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600U);
  EXPECT_EQ(read_file(directory_ / "x"), "new");
}

TEST_F(DurableFile, IsCreatedOnceAndThenLeftAlone) {
  EXPECT_TRUE(create_durably(directory_ / "x", "first", 0600));
  EXPECT_FALSE(create_durably(directory_ / "x", "second", 0600));
  EXPECT_EQ(read_file(directory_ / "x"), "first");
  struct stat status{};
  ASSERT_EQ(::stat((directory_ / "x").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600U);
  const auto entries = std::filesystem::directory_iterator(directory_);
  EXPECT_EQ(std::distance(begin(entries), end(entries)), 1);
}

TEST_F(DurableFile, AbsenceIsNotAFailureButAnythingElseIs) {
  EXPECT_EQ(read_file(directory_ / "absent"), std::nullopt);
  EXPECT_THROW(read_file(directory_), Error);
  EXPECT_THROW(write_durably(directory_ / "no" / "such" / "place", "x"), Error);
}

}  // namespace
}  // namespace deis::component
