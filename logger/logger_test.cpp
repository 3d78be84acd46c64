#include "core/base/text.h"
#include "logger/log_store.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <fstream>
#include <unistd.h>

namespace deis::logger {
namespace {

class LogStoreTest : public testing::Test {
 protected:
  LogStoreTest()
      : root_(
            testing::TempDir() + "deis-log-store-" + std::to_string(::getpid()) + "-" +
            testing::UnitTest::GetInstance()->current_test_info()->name()) {}
  ~LogStoreTest() override { std::filesystem::remove_all(root_); }
  std::filesystem::path root_;
};

Record record(std::int64_t time, const std::string& line, std::int64_t sequence = 0) {
  return Record{"c1", time, sequence, "shop", "web.1", line};
}

TEST(Format, IsTheContracts) {
  Record r = record(1795443157'000000000, "hello: world");
  EXPECT_EQ(format(r), "2026-11-23T14:12:37UTC shop[web.1]: hello: world\n");
}

TEST(AppName, CannotLeadOutOfTheDirectory) {
  for (const char* bad : {"", "..", "a/b", "A", "a.b", "a\n"}) EXPECT_FALSE(is_app_name(bad)) << bad;
  EXPECT_TRUE(is_app_name("shop-1"));
}

TEST_F(LogStoreTest, StoresEachLineOnceHoweverOftenItComes) {
  LogStore store(root_);
  EXPECT_EQ(store.append({record(1, "a"), record(2, "b"), record(2, "c", 1)}), 3u);
  EXPECT_EQ(store.append({record(2, "c", 1), record(3, "d")}), 1u);
  EXPECT_EQ(split(store.tail("shop", 100), '\n').size(), 5u);
}

TEST_F(LogStoreTest, RemembersWhatItHasAcrossARestart) {
  {
    LogStore(root_).append({record(1, "a"), record(2, "b")});
  }
  LogStore again(root_);
  EXPECT_EQ(again.append({record(1, "a"), record(2, "b"), record(3, "c")}), 1u);
}

TEST_F(LogStoreTest, KeepsOneOlderGenerationAndReadsAcrossIt) {
  LogStore store(root_, 200);
  for (int i = 1; i <= 12; ++i) store.append({record(i, "line " + std::to_string(i))});
  EXPECT_TRUE(std::filesystem::exists(root_ / "shop.log.1"));
  const std::string two = store.tail("shop", 6);
  EXPECT_EQ(std::count(two.begin(), two.end(), '\n'), 6);
  EXPECT_NE(two.find("line 12"), std::string::npos);
  store.erase("shop");
  EXPECT_EQ(store.tail("shop", 6), "");
}

TEST_F(LogStoreTest, TheTailIsTheLastLinesOfEverythingStored) {
  EXPECT_TRUE(rc::check("tail", [&] {
    std::filesystem::remove_all(root_);
    LogStore store(root_);
    const int total = *rc::gen::inRange(1, 20);
    const auto wanted = *rc::gen::inRange<std::size_t>(1, 25);
    std::vector<std::string> lines;
    for (int i = 1; i <= total; ++i) {
      const Record r = record(i, std::string(static_cast<std::size_t>(i % 4), 'x'));
      store.append({r});
      lines.push_back(format(r));
    }
    std::string expected;
    for (std::size_t i = lines.size() > wanted ? lines.size() - wanted : 0; i < lines.size(); ++i)
      expected += lines[i];
    RC_ASSERT(store.tail("shop", wanted) == expected);
  }));
}

}  // namespace
}  // namespace deis::logger
