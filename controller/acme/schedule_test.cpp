#include "controller/acme/schedule.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace deis::controller::acme {
namespace {

using namespace std::chrono_literals;

const SystemTime kToday = SystemTime(std::chrono::seconds(1'790'000'000));

std::chrono::minutes pause_after(Failure failure, int failures) {
  return std::chrono::duration_cast<std::chrono::minutes>(next_attempt(kToday, failure, failures) - kToday);
}

TEST(Schedule, RenewsWhenTwoThirdsOfTheLifeAreOver) {
  EXPECT_EQ(renewal_time(kToday, kToday + 90 * 24h), kToday + 60 * 24h);
  EXPECT_EQ(renewal_time(kToday, kToday + 3s), kToday + 2s);
}

TEST(Schedule, DoublesItsPausesUpToADay) {
  for (const Failure failure : {Failure::refused, Failure::not_validated}) {
    EXPECT_EQ(pause_after(failure, 1), 1h);
    EXPECT_EQ(pause_after(failure, 2), 2h);
    EXPECT_EQ(pause_after(failure, 3), 4h);
    EXPECT_EQ(pause_after(failure, 5), 16h);
    EXPECT_EQ(pause_after(failure, 6), 24h);
    EXPECT_EQ(pause_after(failure, 1'000'000), 24h);
  }
}

TEST(Schedule, LooksAgainSoonWhenNoOrderWentOut) {
  EXPECT_EQ(pause_after(Failure::before_order, 1), 1min);
  EXPECT_EQ(pause_after(Failure::before_order, 4), 8min);
  EXPECT_EQ(pause_after(Failure::before_order, 50), 1h);
}

TEST(Schedule, AllowsFiveFailedValidationsOfADomainInAnHour) {
  std::vector<RecentOrder> recent;
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(held_until(kToday, OrderLimits(), recent), std::nullopt) << i;
    recent.push_back({.same_domain = true, .failed_validation = true, .begun = kToday - i * 10min});
  }
  EXPECT_EQ(held_until(kToday, OrderLimits(), recent), kToday + 20min);
  for (RecentOrder& order : recent) order.same_domain = false;
  EXPECT_EQ(held_until(kToday, OrderLimits(), recent), std::nullopt) << "another domain's";
}

TEST(Schedule, AllowsSoManyOrdersOfThePlatformInAnHour) {
  const OrderLimits limits{.orders_per_hour = 2, .failed_validations_per_hour = 5};
  const std::vector<RecentOrder> two = {{.begun = kToday - 50min}, {.begun = kToday - 10min}};
  EXPECT_EQ(held_until(kToday, limits, two), kToday + 10min);
  EXPECT_EQ(held_until(kToday + 10min, limits, two), std::nullopt);
}

// Whatever happens to a platform that asks whenever it may: no hour has more than the limits.
RC_GTEST_PROP(Schedule, NeverExceedsItsLimits, ()) {
  const OrderLimits limits{
      .orders_per_hour = *rc::gen::inRange(1, 8), .failed_validations_per_hour = *rc::gen::inRange(1, 5)};
  std::vector<RecentOrder> orders;
  SystemTime now = kToday;
  for (int i = 0; i < 60; ++i) {
    now += std::chrono::minutes(*rc::gen::inRange(0, 30));
    const auto held = held_until(now, limits, orders);
    if (held) {
      RC_ASSERT(*held > now);
      RC_ASSERT(*held <= now + 1h);
      RC_ASSERT(!held_until(*held, limits, orders));
      continue;
    }
    orders.push_back({.same_domain = *rc::gen::arbitrary<bool>(), .failed_validation = true, .begun = now});
    int all = 0, failed = 0;
    for (const RecentOrder& order : orders) {
      if (order.begun <= now - 1h) continue;
      ++all;
      if (order.same_domain) ++failed;
    }
    RC_ASSERT(all <= limits.orders_per_hour);
    RC_ASSERT(failed <= limits.failed_validations_per_hour);
  }
}

RC_GTEST_PROP(Schedule, AlwaysTriesAgainWithinADayAndNeverSooner, ()) {
  const auto failure = *rc::gen::element(Failure::before_order, Failure::refused, Failure::not_validated);
  const int failures = *rc::gen::inRange(1, 100);
  const SystemTime next = next_attempt(kToday, failure, failures);
  RC_ASSERT(next >= kToday + (failure == Failure::before_order ? 1min : 60min));
  RC_ASSERT(next <= kToday + 24h);
  RC_ASSERT(next_attempt(kToday, failure, failures + 1) >= next);
}

RC_GTEST_PROP(Schedule, RenewsWithinTheLife, ()) {
  const auto life = std::chrono::seconds(*rc::gen::inRange(1, 400 * 24 * 3600));
  const SystemTime renewal = renewal_time(kToday, kToday + life);
  RC_ASSERT(renewal > kToday);
  RC_ASSERT(renewal < kToday + life);
}

}  // namespace
}  // namespace deis::controller::acme
