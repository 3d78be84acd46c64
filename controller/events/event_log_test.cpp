#include "controller/events/event_log.h"

#include "core/base/error.h"
#include "core/net/co_test.h"
#include "core/net/task_group.h"

#include <boost/asio/this_coro.hpp>

namespace deis::controller {
namespace {

using Listener = std::unique_ptr<EventLog::Listener>;

const AppId kShop = AppId::parse("shop"), kBlog = AppId::parse("blog");

Deadline now() {
  return std::chrono::steady_clock::now();
}

EventLimits small() {
  return EventLimits{.per_app = 4, .bytes = 1 << 20, .listeners = 3};
}

void publish(EventLog& log, const AppId& app, int from, int to) {
  for (int i = from; i <= to; ++i) log.publish(app, "phase", std::to_string(i));
}

// What a listener gets without waiting: data, "reset", "end".
Task<std::string> all(EventLog::Listener& listener) {
  std::string text;
  for (;;) {
    const auto delivery = co_await listener.next(now());
    if (delivery.reset) text += "reset ";
    for (const auto& event : delivery.events) text += event.data + " ";
    if (delivery.ended) co_return text + "end";
    if (!delivery.reset && delivery.events.empty()) co_return text;
  }
}

CO_TEST(EventLog, TellsAListenerOfItsAppWhatIsNew) {
  EventLog log(co_await asio::this_coro::executor);
  publish(log, kShop, 1, 3);
  const Listener listener = log.listen(kShop, std::nullopt);
  publish(log, kBlog, 9, 9);
  publish(log, kShop, 4, 5);
  const std::string seen = co_await all(*listener);
  EXPECT_EQ(seen, "4 5 ");
  publish(log, kShop, 6, 6);
  const std::string more = co_await all(*listener);
  EXPECT_EQ(more, "6 ");
}

CO_TEST(EventLog, WakesAListenerThatWaits) {
  const Executor executor = co_await asio::this_coro::executor;
  EventLog log(executor);
  const Listener listener = log.listen(kShop, std::nullopt);
  net::TaskGroup group(executor);
  std::string seen;
  auto wait = [&]() -> Task<> {
    const auto delivery = co_await listener->next(in(std::chrono::seconds(5)));
    seen = delivery.events.at(0).data;
  };
  group.spawn(wait());
  publish(log, kShop, 1, 1);
  co_await group.join();
  EXPECT_EQ(seen, "1");
}

CO_TEST(EventLog, GoesOnBehindTheLastIdWithoutGapOrRepetition) {
  EventLog log(co_await asio::this_coro::executor);
  Listener listener = log.listen(kShop, std::nullopt);
  publish(log, kShop, 1, 3);
  const auto first = co_await listener->next(now());
  const std::string second_id = log.id_of(first.events.at(1).sequence);
  listener.reset();
  publish(log, kShop, 4, 4);
  const Listener again = log.listen(kShop, second_id);
  const std::string seen = co_await all(*again);
  EXPECT_EQ(seen, "3 4 ");
}

CO_TEST(EventLog, PositionOfAListenerThatGotNothingIsGoodToGoOnFrom) {
  EventLog log(co_await asio::this_coro::executor);
  publish(log, kShop, 1, 2);
  Listener listener = log.listen(kShop, std::nullopt);
  const std::string position = listener->position();
  listener.reset();
  publish(log, kShop, 3, 3);
  const Listener again = log.listen(kShop, position);
  const std::string seen = co_await all(*again);
  EXPECT_EQ(seen, "3 ");
}

CO_TEST(EventLog, SlowListenerIsResetAndGetsWhatIsKept) {
  EventLog log(co_await asio::this_coro::executor, small());
  const Listener listener = log.listen(kShop, std::nullopt);
  publish(log, kShop, 1, 10);
  const std::string seen = co_await all(*listener);
  EXPECT_EQ(seen, "reset 7 8 9 10 ");
  publish(log, kShop, 11, 11);
  const std::string more = co_await all(*listener);
  EXPECT_EQ(more, "11 ");
}

CO_TEST(EventLog, UnknownTooOldAndForeignIdsAreReset) {
  const Executor executor = co_await asio::this_coro::executor;
  EventLog log(executor, small()), another(executor, small());
  publish(log, kShop, 1, 10);
  const std::vector<std::string> ids = {
      log.id_of(2), log.id_of(11), another.id_of(8), "", "nonsense", log.id_of(3) + "x", "-1"};
  for (const auto& id : ids) {
    const Listener listener = log.listen(kShop, id);
    const std::string seen = co_await all(*listener);
    EXPECT_EQ(seen, "reset 7 8 9 10 ") << id;
  }
  const Listener just_kept = log.listen(kShop, log.id_of(6));
  const std::string seen = co_await all(*just_kept);
  EXPECT_EQ(seen, "7 8 9 10 ");
}

CO_TEST(EventLog, ResetCarriesAnIdToGoOnFrom) {
  EventLog log(co_await asio::this_coro::executor, small());
  publish(log, kShop, 1, 10);
  const Listener listener = log.listen(kShop, "nonsense");
  const auto delivery = co_await listener->next(now());
  CO_ASSERT_TRUE(delivery.reset);
  const Listener again = log.listen(kShop, *delivery.reset);
  const std::string seen = co_await all(*again);
  EXPECT_EQ(seen, "7 8 9 10 ");
}

CO_TEST(EventLog, KeepsNoMoreThanItsBytesOverAllApps) {
  const EventLimits limits{.per_app = 100, .bytes = 20'000, .listeners = 3};
  EventLog log(co_await asio::this_coro::executor, limits);
  const Listener listener = log.listen(kShop, std::nullopt);
  log.publish(kShop, "phase", "first");
  for (int i = 0; i < 1000; ++i)
    log.publish(AppId::parse("app-" + std::to_string(i)), "phase", std::string(500, 'x'));
  EXPECT_LE(log.bytes(), limits.bytes);
  EXPECT_LE(log.apps(), 60U);  // nothing is left of those whose events are gone
  const std::string seen = co_await all(*listener);
  EXPECT_EQ(seen, "reset ");
}

CO_TEST(EventLog, ListenersEndWithTheirApp) {
  EventLog log(co_await asio::this_coro::executor);
  const Listener listener = log.listen(kShop, std::nullopt);
  const Listener other = log.listen(kBlog, std::nullopt);
  publish(log, kShop, 1, 2);
  const std::string old_id = log.id_of(1);
  log.forget(kShop);
  publish(log, kShop, 3, 3);  // a new app of the same name
  const std::string seen = co_await all(*listener);
  EXPECT_EQ(seen, "1 2 end");
  const std::string others = co_await all(*other);
  EXPECT_EQ(others, "");
  const Listener of_the_new = log.listen(kShop, old_id);
  const std::string seen_of_the_new = co_await all(*of_the_new);
  EXPECT_EQ(seen_of_the_new, "reset 3 ");
}

CO_TEST(EventLog, ForgetsTheEventsOfAnAppWithoutListeners) {
  EventLog log(co_await asio::this_coro::executor);
  publish(log, kShop, 1, 2);
  log.forget(kShop);
  EXPECT_EQ(log.bytes(), 0U);
  EXPECT_EQ(log.apps(), 0U);
}

CO_TEST(EventLog, EveryListenerEndsWhenItCloses) {
  EventLog log(co_await asio::this_coro::executor);
  const Listener listener = log.listen(kShop, std::nullopt);
  publish(log, kShop, 1, 1);
  log.close();
  publish(log, kShop, 2, 2);
  const std::string seen = co_await all(*listener);
  EXPECT_EQ(seen, "1 end");
  EXPECT_THROW(log.listen(kShop, std::nullopt), Error);
}

CO_TEST(EventLog, RefusesTooManyListeners) {
  EventLog log(co_await asio::this_coro::executor, small());
  Listener one = log.listen(kShop, std::nullopt);
  const Listener two = log.listen(kShop, std::nullopt), three = log.listen(kBlog, std::nullopt);
  EXPECT_THROW(log.listen(kBlog, std::nullopt), Error);
  one.reset();
  EXPECT_NO_THROW(log.listen(kBlog, std::nullopt));
  co_return;
}

}  // namespace
}  // namespace deis::controller
