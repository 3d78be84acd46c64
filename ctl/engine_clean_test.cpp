#include "ctl/engine_clean.h"

#include "core/base/error.h"
#include "core/component/durable_file.h"
#include "ctl/bolt_file.h"
#include "ctl/engine_hook.h"
#include "ctl/engine_state.h"

#include <gmock/gmock.h>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace deis::ctl {
namespace {

namespace fs = std::filesystem;

const std::string kStaleNetwork = "urbt3bgziic45t6m8856luh4r";

class EngineClean : public testing::Test {
 protected:
  EngineClean() { fs::create_directories(file_.parent_path()); }
  ~EngineClean() override { fs::remove_all(root_); }

  void put(const std::string& content) const { component::write_durably(file_, content); }
  std::string content() const { return component::read_file(file_).value(); }
  static std::string sample() { return component::read_file(DEIS_BOLT_SAMPLE).value(); }

  const fs::path root_ = fs::path(testing::TempDir()) / ("engine-clean-" + std::to_string(getpid()));
  const fs::path file_ = root_ / "network" / "files" / "local-kv.db";
  const fs::path backup_ = file_.string() + ".deis-backup";
};

TEST_F(EngineClean, RemovesTheNetworkThatOnlyItsDriverKnowsAndKeepsACopy) {
  put(sample());
  const auto before = BoltFile::parse(sample()).entries();
  EXPECT_THAT(clean_engine(root_), testing::Contains(testing::HasSubstr(kStaleNetwork)));
  const auto after = BoltFile::parse(content()).entries();
  EXPECT_EQ(after, tidy(before).entries);
  EXPECT_EQ(after.size() + 1, before.size());
  EXPECT_EQ(component::read_file(backup_), sample());
}

TEST_F(EngineClean, HasNothingToDoTheSecondTime) {
  put(sample());
  clean_engine(root_);
  const auto once = content();
  EXPECT_TRUE(clean_engine(root_).empty());
  EXPECT_EQ(content(), once);
}

TEST_F(EngineClean, HasNothingToDoWhereNoEngineEverRan) {
  EXPECT_TRUE(clean_engine(root_).empty());
  EXPECT_TRUE(clean_engine(root_ / "absent").empty());
  put("");
  EXPECT_TRUE(clean_engine(root_).empty());
}

// 20.10 has the first open all its life and the second only for moments.
TEST_F(EngineClean, IsRefusedWhileTheEngineHoldsOneOfItsFiles) {
  put(sample());
  const auto volumes = root_ / "volumes" / "metadata.db";
  fs::create_directories(volumes.parent_path());
  component::write_durably(volumes, "");
  for (const auto& held : {volumes, file_}) {
    const int engine = ::open(held.c_str(), O_RDWR | O_CLOEXEC);
    ASSERT_EQ(::flock(engine, LOCK_EX), 0);
    try {
      clean_engine(root_);
      ADD_FAILURE() << held;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::conflict);
      EXPECT_THAT(error.what(), testing::HasSubstr("Docker Engine runs"));
    }
    ::close(engine);
    EXPECT_EQ(content(), sample());
    EXPECT_FALSE(fs::exists(backup_));
  }
  EXPECT_FALSE(clean_engine(root_).empty());
}

TEST_F(EngineClean, LeavesAFileOfAnotherKindAsItIsAndSaysSo) {
  put("something else");
  try {
    clean_engine(root_);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid);
    EXPECT_THAT(error.what(), testing::HasSubstr("is left as it is"));
  }
  EXPECT_EQ(content(), "something else");
  EXPECT_FALSE(fs::exists(backup_));
}

TEST(EngineDropIn, RunsTheCommandBeforeDockerAndNeverKeepsItDown) {
  EXPECT_THAT(
      engine_drop_in("/var/lib/docker"),
      testing::HasSubstr("\n[Service]\nExecStartPre=-/usr/local/bin/deisctl engine-clean --engine-root "
                         "\"/var/lib/docker\"\n"));
}

TEST(EngineDropIn, QuotesWhatSystemdWouldReadAsMore) {
  EXPECT_THAT(engine_drop_in("/srv/a \"b\" 5%$x\\"), testing::HasSubstr(R"("/srv/a \"b\" 5%%$$x\\")"));
  EXPECT_THROW(engine_drop_in("/srv/a\nExecStart=/bin/false"), Error);
}

}  // namespace
}  // namespace deis::ctl
