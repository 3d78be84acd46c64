#include "ctl/first_install.h"

#include <gmock/gmock.h>

#include <fstream>

namespace deis::ctl {
namespace {

namespace fs = std::filesystem;

class FirstInstall : public testing::Test {
 protected:
  FirstInstall() { fs::create_directories(root_); }
  ~FirstInstall() override { fs::remove_all(root_); }

  void write(const fs::path& file) {
    fs::create_directories((root_ / file).parent_path());
    std::ofstream(root_ / file) << "data";
  }

  const fs::path root_ = fs::path(testing::TempDir()) / ("first-install-" + std::to_string(getpid()));
};

TEST_F(FirstInstall, NothingIsFoundWhereNothingIs) {
  EXPECT_TRUE(directories_with_data(root_ / "absent").empty());
  EXPECT_TRUE(directories_with_data(root_).empty());
}

TEST_F(FirstInstall, EmptyDirectoriesThatAnEarlierRunMadeAreNoTrace) {
  fs::create_directories(root_ / "database");
  EXPECT_TRUE(directories_with_data(root_).empty());
}

TEST_F(FirstInstall, AnyComponentsDataIsATraceEvenWhenTheDatabasesIsGone) {
  write("registry/blob");
  write("etcd/member/wal");
  EXPECT_THAT(directories_with_data(root_), testing::ElementsAre((root_ / "registry").string()));
}

TEST(Traces, OneKindIsEnough) {
  EXPECT_TRUE(Traces().none());
  EXPECT_FALSE((Traces{.directories = {"/var/lib/deis/database"}}.none()));
  EXPECT_FALSE((Traces{.etcd_keys = {"/deis/database/name"}}.none()));
}

}  // namespace
}  // namespace deis::ctl
