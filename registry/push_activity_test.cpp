#include "registry/push_activity.h"

#include "core/base/random.h"

#include <gtest/gtest.h>

#include <fstream>

namespace deis::registry {
namespace {

namespace fs = std::filesystem;
using std::chrono::minutes;

class PushActivity : public testing::Test {
 protected:
  ~PushActivity() override { fs::remove_all(storage_); }

  // A file of repository `name` that changed `age` ago.
  void add(const std::string& name, const std::string& file, std::chrono::seconds age) {
    const auto path = storage_ / "docker/registry/v2/repositories" / name / file;
    fs::create_directories(path.parent_path());
    std::ofstream(path) << "sha256:0";
    fs::last_write_time(path, now_ - age);
    for (auto parent = path.parent_path(); parent.filename() != name; parent = parent.parent_path()) {
      fs::last_write_time(parent, now_ - age);
    }
  }
  std::string found() const { return repository_being_pushed(storage_, minutes(10), now_); }

  const fs::path storage_ = fs::temp_directory_path() / ("deis-registry-" + random_hex(8));
  const fs::file_time_type now_ = fs::file_time_type::clock::now();
};

TEST_F(PushActivity, AnEmptyStorageHasNone) {
  EXPECT_EQ(found(), "");
  EXPECT_FALSE(has_repositories(storage_));
}

TEST_F(PushActivity, ALayerWithoutItsManifestIsAPushUnderWay) {
  add("shop", "_layers/sha256/1/link", minutes(1));
  EXPECT_EQ(found(), "shop");
  EXPECT_TRUE(has_repositories(storage_));
}

TEST_F(PushActivity, ANewerManifestEndsThePush) {
  add("shop", "_layers/sha256/1/link", minutes(2));
  add("shop", "_manifests/revisions/sha256/1/link", minutes(1));
  EXPECT_EQ(found(), "");
}

TEST_F(PushActivity, AnUploadOnTopOfAnOldManifestIsAPushUnderWay) {
  add("shop", "_manifests/revisions/sha256/1/link", minutes(60));
  add("shop", "_uploads/1/data", minutes(1));
  EXPECT_EQ(found(), "shop");
}

TEST_F(PushActivity, APushThatWasGivenUpLongAgoDoesNotCount) {
  add("shop", "_layers/sha256/1/link", minutes(11));
  EXPECT_EQ(found(), "");
}

}  // namespace
}  // namespace deis::registry
