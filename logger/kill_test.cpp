// The logger may be killed at any moment: a line that was acknowledged stays, and none is stored twice.
#include "core/base/text.h"
#include "logger/log_store.h"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

namespace deis::logger {
namespace {

namespace fs = std::filesystem;

constexpr int kLines = 20;  // of a batch; of two apps in turn

class KillTest : public testing::Test {
 protected:
  KillTest()
      : root_(
            testing::TempDir() + "deis-log-kill-" + std::to_string(::getpid()) + "-" +
            testing::UnitTest::GetInstance()->current_test_info()->name()) {}
  ~KillTest() override { fs::remove_all(root_); }

  static std::vector<Record> batch(int number) {
    std::vector<Record> records;
    for (int i = 0; i < kLines; ++i) {
      const std::string app = i % 2 ? "shop" : "blog";
      const std::int64_t time = std::int64_t{number} * kLines + i + 1;
      records.push_back(Record{"c1", time, 0, app, "web.1", "line " + std::to_string(time) + "."});
    }
    return records;
  }

  // How often each line is there.
  std::multiset<std::string> stored() const {
    std::multiset<std::string> lines;
    const LogStore store(root_);
    for (const char* app : {"shop", "blog"}) {
      const std::string text = store.tail(app, 1'000'000);
      EXPECT_TRUE(text.empty() || text.ends_with('\n'));
      for (const auto line : split(text, '\n')) {
        if (!line.empty()) lines.emplace(line.substr(line.find("line ")));
      }
    }
    return lines;
  }

  void expect_each_once(int batches) const {
    const auto lines = stored();
    EXPECT_EQ(lines.size(), static_cast<std::size_t>(batches * kLines));
    for (int i = 1; i <= batches * kLines; ++i) {
      EXPECT_EQ(lines.count("line " + std::to_string(i) + "."), 1u) << i;
    }
  }

  fs::path root_;
};

// Stores batch after batch from `first` and says the number of each that is done, until it is killed.
[[noreturn]] void store_until_killed(
    const fs::path& root, int first, std::vector<Record> (*batch)(int), int out) {
  LogStore store(root);
  for (int number = first;; ++number) {
    store.append(batch(number));
    if (::write(out, &number, sizeof number) != sizeof number) ::_exit(1);
  }
}

TEST_F(KillTest, EachLineIsStoredOnceWheneverTheLoggerDies) {
  int next = 0;  // the first batch that was not acknowledged
  for (int round = 0; round < 40; ++round) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) store_until_killed(root_, next, batch, ends[1]);
    ::close(ends[1]);
    int number = 0;
    for (int seen = 0; seen < 1 + round % 3; ++seen) {
      ASSERT_EQ(::read(ends[0], &number, sizeof number), static_cast<ssize_t>(sizeof number));
      next = number + 1;
    }
    ::usleep(static_cast<useconds_t>(round * 97 % 1500));  // anywhere in the batches that follow
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    while (::read(ends[0], &number, sizeof number) == static_cast<ssize_t>(sizeof number)) next = number + 1;
    ::close(ends[0]);
  }
  LogStore(root_).append(batch(next));  // what was not acknowledged is sent again
  expect_each_once(next + 1);
}

TEST_F(KillTest, WhatWasAppendedButNeverCountedIsTakenBack) {
  LogStore(root_).append(batch(0));
  std::ofstream(root_ / "shop.log", std::ios::app) << "half a batch\nand a torn li";
  expect_each_once(1);
}

TEST_F(KillTest, AFullFileThatWasPutAsideIsNotMissed) {
  LogStore(root_).append(batch(0));
  fs::rename(root_ / "shop.log", root_ / "shop.log.1");
  LogStore store(root_);
  store.append(batch(1));
  expect_each_once(2);
}

TEST_F(KillTest, ABatchThatCouldNotBeWrittenIsTakenWhenItComesAgain) {
  LogStore store(root_);
  store.append(batch(0));
  fs::rename(root_ / "shop.log", root_ / "aside");
  fs::create_directory(root_ / "shop.log");  // nothing can be appended to it
  EXPECT_ANY_THROW(store.append(batch(1)));
  fs::remove(root_ / "shop.log");
  fs::rename(root_ / "aside", root_ / "shop.log");
  store.append(batch(1));
  expect_each_once(2);
}

TEST_F(KillTest, FilesOfAnOlderLoggerAreContinued) {
  fs::create_directories(root_);
  std::ofstream(root_ / "shop.log") << "line 0.\n";
  std::ofstream(root_ / "positions") << "c1 2 0\n";
  EXPECT_EQ(LogStore(root_).append(batch(0)), static_cast<std::size_t>(kLines - 2));
  EXPECT_EQ(stored().count("line 0."), 1u);
}

}  // namespace
}  // namespace deis::logger
