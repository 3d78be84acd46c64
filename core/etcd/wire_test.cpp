#include "core/etcd/wire.h"

#include "core/base/text.h"

#include <gtest/gtest.h>

namespace deis::etcd::wire {
namespace {

TEST(EtcdWire, AKeyIsSentAsBase64) {
  EXPECT_EQ(one_key("/deis/a"), R"({"key":"L2RlaXMvYQ=="})");
}

TEST(EtcdWire, APutWithoutLeaseDoesNotMentionOne) {
  EXPECT_EQ(put("k", "v", 0), R"({"key":"aw==","value":"dg=="})");
  EXPECT_EQ(put("k", "v", 7), R"({"key":"aw==","value":"dg==","lease":"7"})");
}

TEST(EtcdWire, APrefixEndsBehindItsLastKey) {
  EXPECT_EQ(
      key_prefix("/a"),
      R"({"key":")" + base64_encode("/a") + R"(","range_end":")" + base64_encode("/b") + R"("})");
  EXPECT_EQ(
      key_prefix("a\xff"),
      R"({"key":")" + base64_encode("a\xff") + R"(","range_end":")" + base64_encode("b") + R"("})");
}

TEST(EtcdWire, AnEmptyPrefixMeansAllKeys) {
  EXPECT_EQ(key_prefix(""), R"({"key":"AA==","range_end":"AA=="})");
}

TEST(EtcdWire, ARangeIsReadWithTheZerosThatAreLeftOut) {
  const auto range = read_page(
      R"({"header":{"cluster_id":"1","revision":"42"},"kvs":[)"
      R"({"key":"YQ==","create_revision":"2","mod_revision":"9007199254740993","version":"1"},)"
      R"({"key":"Yg==","create_revision":"3","mod_revision":"3","version":"1","value":"eA==","lease":"5"}],"count":"2"})");
  EXPECT_EQ(range.revision, 42);
  ASSERT_EQ(range.entries.size(), 2U);
  EXPECT_EQ(range.entries[0].key, "a");
  EXPECT_EQ(range.entries[0].value, "");
  EXPECT_EQ(range.entries[0].lease, 0);
  EXPECT_EQ(range.entries[0].mod_revision, 9007199254740993);
  EXPECT_EQ(range.entries[1].value, "x");
  EXPECT_EQ(range.entries[1].lease, 5);
}

TEST(EtcdWire, APageBeginsBehindTheLastKeyOfTheOneBeforeAndIsOfItsRevision) {
  EXPECT_EQ(page("/a", "", 0, 2), R"({"key":"L2E=","range_end":"L2I=","limit":"2"})");
  EXPECT_EQ(
      page("/a", "/a/1", 7, 2),
      R"({"key":")" + base64_encode(std::string_view("/a/1\0", 5)) +
          R"(","range_end":"L2I=","revision":"7","limit":"2"})");
  EXPECT_TRUE(
      read_page(R"({"header":{"revision":"8"},"kvs":[{"key":"YQ=="}],"more":true,"count":"3"})").more);
  EXPECT_FALSE(read_page(R"({"header":{"revision":"8"},"kvs":[{"key":"YQ=="}],"count":"3"})").more);
}

TEST(EtcdWire, ATransactionThatFailedLeavesSucceededOut) {
  EXPECT_FALSE(read_txn(R"({"header":{"revision":"5"}})").succeeded);
  EXPECT_TRUE(read_txn(R"({"header":{"revision":"5"},"succeeded":true})").succeeded);
}

TEST(EtcdWire, ALeaseThatIsGoneHasNoTimeLeft) {
  EXPECT_EQ(read_keep_alive_ttl(R"({"result":{"header":{},"ID":"7"}})"), 0);
  EXPECT_EQ(read_keep_alive_ttl(R"({"result":{"header":{},"ID":"7","TTL":"20"}})"), 20);
}

TEST(EtcdWire, AWatchEventWithoutTypeIsAPut) {
  const auto message = read_watch(
      R"({"result":{"header":{"revision":"9"},"events":[{"kv":{"key":"YQ==","mod_revision":"7","value":"eA=="}},)"
      R"({"type":"DELETE","kv":{"key":"Yg==","mod_revision":"8"}}]}})");
  ASSERT_EQ(message.batch.changes.size(), 2U);
  EXPECT_FALSE(message.batch.changes[0].deleted);
  EXPECT_TRUE(message.batch.changes[1].deleted);
  EXPECT_EQ(message.batch.changes[1].entry.key, "b");
}

TEST(EtcdWire, AWatchBatchReachesAsFarAsItsLastEventAndNotAsItsHeader) {
  const auto message = read_watch(
      R"({"result":{"header":{"revision":"9000"},"events":[{"kv":{"key":"YQ==","mod_revision":"7"}}]}})");
  EXPECT_EQ(message.batch.revision, 7);
}

TEST(EtcdWire, AProgressNoticeMovesTheRevisionWithoutChanges) {
  const auto message = read_watch(R"({"result":{"header":{"revision":"9"}}})");
  EXPECT_TRUE(message.batch.changes.empty());
  EXPECT_EQ(message.batch.revision, 9);
}

TEST(EtcdWire, TheConfirmationOfAWatchSaysNothingAboutProgress) {
  const auto message = read_watch(R"({"result":{"header":{"revision":"9"},"created":true}})");
  EXPECT_TRUE(message.created);
  EXPECT_EQ(message.batch.revision, 0);
}

TEST(EtcdWire, ACompactedWatchIsToldApartFromOtherEnds) {
  EXPECT_TRUE(read_watch(R"({"result":{"header":{},"canceled":true,"compact_revision":"6"}})").compacted);
  const auto other = read_watch(R"({"result":{"header":{},"canceled":true,"cancel_reason":"denied"}})");
  EXPECT_FALSE(other.compacted);
  EXPECT_EQ(other.failure, "denied");
  EXPECT_EQ(read_watch(R"({"error":{"grpc_code":14,"message":"going away"}})").failure, "going away");
}

TEST(EtcdWire, FailuresMeanWhatTheirCodesSay) {
  const auto lease = read_failure(404, R"({"error":"etcdserver: requested lease not found","code":5})");
  EXPECT_EQ(lease.code(), ErrorCode::not_found);
  EXPECT_STREQ(lease.what(), "etcd: etcdserver: requested lease not found");
  EXPECT_EQ(
      read_failure(503, R"({"error":"etcdserver: no leader","code":14})").code(), ErrorCode::unavailable);
  EXPECT_EQ(read_failure(500, "no JSON").code(), ErrorCode::unavailable);
}

TEST(EtcdWire, WhatIsNotAnAnswerOfEtcdIsRefused) {
  EXPECT_THROW(read_page("<html>"), Error);
  EXPECT_THROW(read_page(R"({"header":{"revision":"many"}})"), Error);
  EXPECT_THROW(read_page(R"({"kvs":[{"key":"*"}]})"), Error);
}

}  // namespace
}  // namespace deis::etcd::wire
