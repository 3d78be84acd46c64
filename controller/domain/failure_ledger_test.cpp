#include "controller/domain/failure_ledger.h"

#include <gtest/gtest.h>

namespace deis::controller {
namespace {

using namespace std::chrono_literals;

const FailureLedger::Time kStart{1000s};

TEST(FailureLedger, HasRoomForAsManyFailuresAsItsRuleSays) {
  FailureLedger ledger({.failures = 3, .forgiving = 10s}, 100);
  EXPECT_EQ(ledger.room("ann", kStart), 3);
  for (int left = 2; left >= 0; --left) {
    ledger.add("ann", kStart);
    EXPECT_EQ(ledger.room("ann", kStart), left);
  }
  EXPECT_EQ(ledger.room("bob", kStart), 3);
}

TEST(FailureLedger, ForgivesOneAfterTheOther) {
  FailureLedger ledger({.failures = 3, .forgiving = 10s}, 100);
  for (int i = 0; i < 3; ++i) ledger.add("ann", kStart);
  EXPECT_EQ(ledger.free_at("ann", kStart), kStart + 10s);
  EXPECT_EQ(ledger.room("ann", kStart + 9s), 0);
  EXPECT_EQ(ledger.room("ann", kStart + 10s), 1);
  EXPECT_EQ(ledger.free_at("ann", kStart + 10s), kStart + 10s);
  ledger.add("ann", kStart + 10s);
  EXPECT_EQ(ledger.room("ann", kStart + 10s), 0);
  EXPECT_EQ(ledger.room("ann", kStart + 1h), 3);
}

TEST(FailureLedger, ForgetsAtOnceWhenToldTo) {
  FailureLedger ledger({.failures = 1, .forgiving = 10s}, 100);
  ledger.add("ann", kStart);
  ledger.forget("ann");
  ledger.forget("nobody");
  EXPECT_EQ(ledger.room("ann", kStart), 1);
}

TEST(FailureLedger, IsBoundedAndKeepsTheLatest) {
  FailureLedger ledger({.failures = 1, .forgiving = 1h}, 2);
  for (const char* name : {"ann", "bob", "ann", "eve"}) ledger.add(name, kStart);
  EXPECT_EQ(ledger.size(), 2U);
  EXPECT_EQ(ledger.room("ann", kStart), 0);
  EXPECT_EQ(ledger.room("bob", kStart), 1);
  EXPECT_EQ(ledger.room("eve", kStart), 0);
}

}  // namespace
}  // namespace deis::controller
