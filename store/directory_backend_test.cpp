#include "store/directory_backend.h"

#include "core/base/error.h"
#include "core/base/random.h"

#include <gtest/gtest.h>

#include <sys/stat.h>

namespace deis::store {
namespace {

constexpr std::uintmax_t kGiB = 1024ULL * 1024 * 1024;

TEST(SpaceTrouble, BeginsBelowOneGiBAndBelowFivePercent) {
  EXPECT_EQ(space_trouble({.free = kGiB, .total = 10 * kGiB}), "");
  EXPECT_EQ(space_trouble({.free = kGiB / 2, .total = kGiB}), "only 512 MiB of 1024 MiB are free");
  EXPECT_EQ(space_trouble({.free = 50 * kGiB, .total = 1000 * kGiB}), "");
  EXPECT_NE(space_trouble({.free = 49 * kGiB, .total = 1000 * kGiB}), "");
}

class DirectoryBackend : public testing::Test {
 protected:
  ~DirectoryBackend() override { std::filesystem::remove_all(root_); }
  unsigned mode_of(const std::filesystem::path& path) {
    struct stat status{};
    ::stat(path.c_str(), &status);
    return status.st_mode & 07777;
  }
  const std::filesystem::path root_ =
      std::filesystem::temp_directory_path() / ("deis-store-" + random_hex(8));
};

TEST_F(DirectoryBackend, MakesTheDirectoryWithItsModeAndLeavesNothingInside) {
  prepare_directory(root_ / "database", 0711);
  EXPECT_EQ(mode_of(root_ / "database"), 0711U);
  EXPECT_TRUE(std::filesystem::is_empty(root_ / "database"));
}

TEST_F(DirectoryBackend, LeavesAnExistingDirectoryAsItsOwnerMadeIt) {
  std::filesystem::create_directories(root_ / "logger" / "inside");
  std::filesystem::permissions(root_ / "logger", std::filesystem::perms(0750));
  prepare_directory(root_ / "logger", 0700);
  EXPECT_EQ(mode_of(root_ / "logger"), 0750U);
  EXPECT_TRUE(std::filesystem::exists(root_ / "logger" / "inside"));
}

TEST_F(DirectoryBackend, APlaceThatCannotBeWrittenIsAnErrorWithItsPath) {
  try {
    prepare_directory("/proc/deis", 0700);
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("/proc/deis"), std::string::npos);
  }
}

}  // namespace
}  // namespace deis::store
