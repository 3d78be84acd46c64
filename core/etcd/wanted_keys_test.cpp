#include "core/etcd/wanted_keys.h"

#include <gtest/gtest.h>

namespace deis::etcd {
namespace {

constexpr LeaseId kLease = 7;

std::vector<Operation> write_next(WantedKeys& keys) {
  const auto operations = keys.missing(kLease);
  keys.sent(operations);
  keys.done(operations);
  return operations;
}

TEST(WantedKeys, PutsWhatIsWantedOnce) {
  WantedKeys keys;
  EXPECT_TRUE(keys.set("/a", "1"));
  EXPECT_FALSE(keys.is_there("/a"));
  const auto operations = write_next(keys);
  ASSERT_EQ(operations.size(), 1U);
  EXPECT_EQ(operations[0].lease, kLease);
  EXPECT_TRUE(keys.is_there("/a"));
  EXPECT_FALSE(keys.set("/a", "1"));
  EXPECT_TRUE(keys.missing(kLease).empty());
}

TEST(WantedKeys, EraseWhatIsTakenBackBeforeTheyPutAnything) {
  WantedKeys keys;
  keys.set("/z", "the address");
  write_next(keys);
  keys.set("/a", "the address");
  keys.unset("/z");
  keys.set("/z", "another address");
  const auto first = write_next(keys), second = write_next(keys);
  ASSERT_EQ(first.size(), 1U);
  EXPECT_EQ(first[0].kind, Operation::Kind::erase);
  EXPECT_EQ(first[0].key, "/z");
  ASSERT_EQ(second.size(), 2U);
  EXPECT_TRUE(keys.missing(kLease).empty());
}

TEST(WantedKeys, EraseWhatMayHaveArrivedWithoutAnAnswer) {
  WantedKeys keys;
  keys.set("/a", "1");
  keys.sent(keys.missing(kLease));
  EXPECT_FALSE(keys.is_there("/a"));
  keys.unset("/a");
  EXPECT_EQ(write_next(keys)[0].kind, Operation::Kind::erase);
  EXPECT_TRUE(keys.missing(kLease).empty());
}

TEST(WantedKeys, EraseWhatAnEarlierRunLeftEvenWhenTheLeaseIsLostMeanwhile) {
  WantedKeys keys;
  keys.may_exist("/left");
  EXPECT_TRUE(keys.missing(kLease).empty());
  EXPECT_TRUE(keys.unset("/left"));
  keys.lease_lost();
  keys.lease_holds({});
  const auto operations = write_next(keys);
  ASSERT_EQ(operations.size(), 1U);
  EXPECT_EQ(operations[0].key, "/left");
  EXPECT_TRUE(keys.missing(kLease).empty());
}

TEST(WantedKeys, EraseWhatAnEarlierRunLeftAndWasNotWrittenAgainYet) {
  WantedKeys keys;
  keys.may_exist("/left");
  keys.set("/left", "1");
  keys.unset("/left");
  EXPECT_EQ(write_next(keys)[0].kind, Operation::Kind::erase);
  EXPECT_TRUE(keys.missing(kLease).empty());
}

TEST(WantedKeys, WriteAgainWhatIsNoLongerUnderTheirLease) {
  WantedKeys keys;
  keys.set("/a", "1");
  keys.set("/b", "1");
  write_next(keys);
  keys.lease_holds({"/b"});
  ASSERT_EQ(keys.missing(kLease).size(), 1U);
  EXPECT_EQ(write_next(keys)[0].key, "/a");
  keys.lease_lost();
  EXPECT_EQ(keys.missing(kLease).size(), 2U);
}

TEST(WantedKeys, EraseAWriteThatArrivedAfterItWasGivenUp) {
  WantedKeys keys;
  keys.lease_holds({"/late"});
  EXPECT_EQ(write_next(keys)[0].key, "/late");
}

}  // namespace
}  // namespace deis::etcd
