#include "core/base/error.h"
#include "core/etcd/client.h"
#include "core/etcd/etcd_fixture.h"
#include "core/net/co_test.h"
#include "core/net/task_group.h"

#include <boost/asio/this_coro.hpp>

#include <functional>

namespace deis::etcd {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Task<ErrorCode> code_of(Task<> call) {
  try {
    co_await std::move(call);
  } catch (const Error& error) {
    co_return error.code();
  }
  ADD_FAILURE() << "it should have failed";
  co_return ErrorCode::internal;
}

Task<> list_everything(Client& client) {
  co_await client.list("", soon());
}

CO_TEST(EtcdClient, ReturnsWhatWasPutByteByByte) {
  const auto etcd = co_await EtcdFixture::start(co_await asio::this_coro::executor);
  const std::string value("\0\xff\n\"", 4);
  const auto revision = co_await etcd->client().put("/a", value, soon());
  const auto found = co_await etcd->client().get("/a", soon());
  CO_ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->value, value);
  EXPECT_EQ(found->mod_revision, revision);
  const auto missing = co_await etcd->client().get("/b", soon());
  EXPECT_FALSE(missing.has_value());
}

CO_TEST(EtcdClient, CreateLeavesAnExistingValueAlone) {
  const auto etcd = co_await EtcdFixture::start(co_await asio::this_coro::executor);
  const bool first = co_await etcd->client().create("/a", "1", soon());
  const bool second = co_await etcd->client().create("/a", "2", soon());
  EXPECT_TRUE(first);
  EXPECT_FALSE(second);
  const auto found = co_await etcd->client().get("/a", soon());
  EXPECT_EQ(found->value, "1");
}

CO_TEST(EtcdClient, ListsAndErasesAPrefixAndNothingElse) {
  const auto etcd = co_await EtcdFixture::start(co_await asio::this_coro::executor);
  for (const char* key : {"/a/1", "/a/2", "/b"}) co_await etcd->client().put(key, key, soon());
  const auto range = co_await etcd->client().list("/a/", soon());
  CO_ASSERT_EQ(range.entries.size(), 2U);
  EXPECT_EQ(range.entries[0].key, "/a/1");
  const auto erased = co_await etcd->client().erase_prefix("/a/", soon());
  EXPECT_EQ(erased, 2);
  const bool other = co_await etcd->client().erase("/b", soon());
  const bool again = co_await etcd->client().erase("/b", soon());
  EXPECT_TRUE(other);
  EXPECT_FALSE(again);
}

constexpr int kKeys = 40;

std::string key_number(int number) {
  return "/p/" + std::to_string(100 + number);
}

Task<> put_keys(Client& client, int count) {
  for (int i = 0; i < count; ++i) co_await client.put(key_number(i), "0", soon());
}

// Gives the first and the last key the same new value, in one step, as long as it is `wanted`.
Task<> keep_changing(Client& client, std::function<bool()> wanted) {
  const std::vector<Compare> always;
  for (int i = 0; wanted(); ++i) {
    std::vector<Operation> both(2);
    both[0].key = key_number(0);
    both[1].key = key_number(kKeys - 1);
    both[0].value = both[1].value = std::to_string(i);
    const std::vector<Operation> nothing;
    co_await client.txn(always, both, nothing, soon());
  }
}

CO_TEST(EtcdClient, AListOfManyPagesIsOfOneRevision) {
  const auto executor = co_await asio::this_coro::executor;
  const auto etcd = co_await EtcdFixture::start(executor);
  co_await put_keys(etcd->client(), kKeys);
  Client by_two(executor, etcd->endpoint(), Paging{.entries = 2});
  net::TaskGroup group(executor);
  bool stop = false;
  std::function<bool()> wanted = [&stop] { return !stop; };
  group.spawn(keep_changing(etcd->client(), std::move(wanted)));
  for (int i = 0; i < 10; ++i) {
    const Range range = co_await by_two.list("/p/", soon());
    EXPECT_EQ(range.entries.size(), static_cast<std::size_t>(kKeys));
    EXPECT_EQ(range.entries.front().value, range.entries.back().value);
    EXPECT_LE(range.entries.back().mod_revision, range.revision);
  }
  stop = true;
  co_await group.join();
}

Task<> compact_often(EtcdFixture& etcd, int times) {
  for (int i = 0; i < times; ++i) {
    co_await etcd.client().put("/elsewhere", std::to_string(i), soon());
    co_await etcd.compact();
  }
}

CO_TEST(EtcdClient, AListWhoseRevisionIsCompactedBetweenItsPagesBeginsAgain) {
  const auto executor = co_await asio::this_coro::executor;
  const auto etcd = co_await EtcdFixture::start(executor);
  co_await put_keys(etcd->client(), kKeys);
  Client one_by_one(executor, etcd->endpoint(), Paging{.entries = 1});
  for (int i = 0; i < 5; ++i) {
    net::TaskGroup group(executor);
    group.spawn(compact_often(*etcd, 2));
    const Range range = co_await one_by_one.list("/p/", soon());
    EXPECT_EQ(range.entries.size(), static_cast<std::size_t>(kKeys));
    co_await group.join();
  }
}

CO_TEST(EtcdClient, AListGivesUpWhenEtcdForgetsFasterThanItAnswers) {
  const auto executor = co_await asio::this_coro::executor;
  const auto etcd = co_await EtcdFixture::start(executor);
  co_await put_keys(etcd->client(), 400);  // so that it takes longer than compaction does
  Client one_by_one(executor, etcd->endpoint(), Paging{.entries = 1});
  net::TaskGroup group(executor);
  group.spawn(compact_often(*etcd, 100'000));
  const auto code = co_await code_of(list_everything(one_by_one));
  EXPECT_EQ(code, ErrorCode::unavailable);
  group.cancel();
  co_await group.join();
}

CO_TEST(EtcdClient, AStateLargerThanAnAnswerMayBeIsListedInSmallerPages) {
  const auto executor = co_await asio::this_coro::executor;
  const auto etcd = co_await EtcdFixture::start(executor);
  const std::string large(10'000, 'x');
  for (int i = 0; i < kKeys; ++i) co_await etcd->client().put(key_number(i), large, soon());
  Client narrow(executor, etcd->endpoint(), Paging{.bytes = 50'000});
  const Range range = co_await narrow.list("/p/", soon());
  CO_ASSERT_EQ(range.entries.size(), static_cast<std::size_t>(kKeys));
  EXPECT_EQ(range.entries.back().value, large);
}

CO_TEST(EtcdClient, ATransactionDoesOneOfItsTwoBranches) {
  const auto etcd = co_await EtcdFixture::start(co_await asio::this_coro::executor);
  const auto revision = co_await etcd->client().put("/a", "1", soon());
  const std::vector<Compare> unchanged(
      1, Compare{.key = "/a", .target = Compare::Target::mod_revision, .number = revision});
  const std::vector<Operation> put(1, Operation{.key = "/a", .value = "2"});
  const std::vector<Operation> erase(1, Operation{.kind = Operation::Kind::erase, .key = "/a"});
  const auto first = co_await etcd->client().txn(unchanged, put, erase, soon());
  EXPECT_TRUE(first.succeeded);
  const auto second = co_await etcd->client().txn(unchanged, put, erase, soon());
  EXPECT_FALSE(second.succeeded);
  const auto found = co_await etcd->client().get("/a", soon());
  EXPECT_FALSE(found.has_value());
}

CO_TEST(EtcdClient, KeysGoWithTheirLease) {
  const auto etcd = co_await EtcdFixture::start(co_await asio::this_coro::executor);
  const auto lease = co_await etcd->client().grant(seconds(60), soon());
  co_await etcd->client().put("/a", "1", soon(), lease);
  const bool alive = co_await etcd->client().keep_alive(lease, soon());
  EXPECT_TRUE(alive);
  co_await etcd->client().revoke(lease, soon());
  const bool still = co_await etcd->client().keep_alive(lease, soon());
  EXPECT_FALSE(still);
  const auto found = co_await etcd->client().get("/a", soon());
  EXPECT_FALSE(found.has_value());
}

CO_TEST(EtcdClient, AWatchReportsHistoryAndThenWhatHappens) {
  const auto etcd = co_await EtcdFixture::start(co_await asio::this_coro::executor);
  const auto first = co_await etcd->client().put("/a/1", "x", soon());
  co_await etcd->client().put("/b", "not watched", soon());
  const auto watch = co_await etcd->client().watch("/a/", first, soon());
  auto batch = co_await watch->next(soon());
  CO_ASSERT_EQ(batch.changes.size(), 1U);
  EXPECT_EQ(batch.changes[0].entry.value, "x");
  co_await etcd->client().erase("/a/1", soon());
  do {
    batch = co_await watch->next(soon());
  } while (batch.changes.empty());
  EXPECT_TRUE(batch.changes[0].deleted);
}

CO_TEST(EtcdClient, AWatchWithoutNewsGoesOnBehindItsDeadline) {
  const auto etcd = co_await EtcdFixture::start(co_await asio::this_coro::executor);
  const auto first = co_await etcd->client().put("/a", "1", soon());
  const auto watch = co_await etcd->client().watch("/a", first + 1, soon());
  auto batch = co_await watch->next(in(milliseconds(1)));
  EXPECT_EQ(batch.revision, 0);
  co_await etcd->client().put("/a", "2", soon());
  do {
    batch = co_await watch->next(soon());
  } while (batch.changes.empty());
  EXPECT_EQ(batch.changes[0].entry.value, "2");
}

CO_TEST(EtcdClient, AWatchOfCompactedHistoryIsAConflict) {
  const auto etcd = co_await EtcdFixture::start(co_await asio::this_coro::executor);
  for (int i = 0; i < 5; ++i) co_await etcd->client().put("/a", std::to_string(i), soon());
  co_await etcd->compact();
  auto watch = [](Client& client) -> Task<> {
    const auto opened = co_await client.watch("/a", 2, soon());
    for (;;) co_await opened->next(soon());
  };
  const auto code = co_await code_of(watch(etcd->client()));
  EXPECT_EQ(code, ErrorCode::conflict);
}

CO_TEST(EtcdClient, EtcdBeingAwayIsUnavailable) {
  const auto etcd = co_await EtcdFixture::start(co_await asio::this_coro::executor);
  const auto watch = co_await etcd->client().watch("/a", 1, soon());
  etcd->kill();
  auto call = code_of(list_everything(etcd->client()));
  const auto code = co_await std::move(call);
  EXPECT_EQ(code, ErrorCode::unavailable);
  auto follow = [](Watch& broken) -> Task<> {
    for (;;) co_await broken.next(soon());
  };
  const auto end = co_await code_of(follow(*watch));
  EXPECT_EQ(end, ErrorCode::unavailable);
}

}  // namespace
}  // namespace deis::etcd
