#include "database/data_volume.h"

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/component/durable_file.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

namespace deis::database {
namespace {

using Files = Evidence::Files;
using Marker = Evidence::Marker;

class DataVolumeTest : public testing::Test {
 protected:
  ~DataVolumeTest() override { std::filesystem::remove_all(path_); }

  const std::filesystem::path path_ =
      std::filesystem::temp_directory_path() / ("deis-database-" + random_hex(8));
  DataVolume volume_{path_};
};

TEST_F(DataVolumeTest, AFreshOneHasNoFilesAndNoMarker) {
  const auto evidence = volume_.look("t");
  EXPECT_EQ(evidence.files, Files::none);
  EXPECT_EQ(evidence.marker, Marker::none);
  EXPECT_EQ(evidence.offered_token, "t");
}

TEST_F(DataVolumeTest, TheMarkerKeepsItsTokenFromTheFirstStepToTheLast) {
  volume_.mark_initialising("t1");
  EXPECT_EQ(volume_.look({}).marker, Marker::initialising);
  volume_.mark_complete();
  const auto evidence = volume_.look({});
  EXPECT_EQ(evidence.marker, Marker::complete);
  EXPECT_EQ(evidence.marker_token, "t1");
}

TEST_F(DataVolumeTest, TellsAClusterFromOtherFiles) {
  volume_.make_empty_data(::getuid(), ::getgid());
  EXPECT_EQ(volume_.look({}).files, Files::none);
  component::write_durably(volume_.data() / "base", "x");
  EXPECT_EQ(volume_.look({}).files, Files::other);
  component::write_durably(volume_.data() / "PG_VERSION", "15\n");
  EXPECT_EQ(volume_.look({}).files, Files::cluster);
}

TEST_F(DataVolumeTest, AMarkerThatCannotBeReadIsAnErrorAndNotAnAbsentOne) {
  component::write_durably(path_ / "marker.json", "{");
  EXPECT_THROW(volume_.look({}), Error);
  component::write_durably(path_ / "marker.json", R"({"state":"half"})");
  EXPECT_THROW(volume_.look({}), Error);
}

TEST_F(DataVolumeTest, SecretsAreGeneratedOnceAndForTheirOwnerOnly) {
  const auto first = volume_.secrets();
  EXPECT_GE(first.password.size(), 40U);
  EXPECT_EQ(volume_.secrets().password, first.password);
  struct stat status{};
  ASSERT_EQ(::stat((path_ / "secrets.json").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
}

TEST_F(DataVolumeTest, OnlyOneDaemonHoldsIt) {
  EXPECT_TRUE(volume_.try_lock());
  {
    DataVolume second(path_);
    EXPECT_FALSE(second.try_lock());
  }
  EXPECT_TRUE(volume_.try_lock());
}

}  // namespace
}  // namespace deis::database
