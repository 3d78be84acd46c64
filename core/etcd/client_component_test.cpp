#include "core/base/error.h"
#include "core/etcd/client.h"
#include "core/etcd/etcd_fixture.h"
#include "core/net/co_test.h"

#include <boost/asio/this_coro.hpp>

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
