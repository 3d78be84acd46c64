#include "core/net/task_group.h"

#include "core/base/error.h"
#include "core/net/backoff.h"
#include "core/net/co_test.h"
#include "core/net/event.h"
#include "core/net/offload.h"

#include <boost/asio/this_coro.hpp>

#include <atomic>
#include <thread>

namespace deis::net {
namespace {

using namespace std::chrono_literals;

Task<> wait_long(bool& canceled) {
  try {
    co_await sleep_for(1h);
  } catch (const Error& error) {
    canceled = error.code() == ErrorCode::canceled;
    throw;
  }
}

Task<> fail() {
  co_await sleep_for(1ms);
  throw Error(ErrorCode::conflict, "boom");
}

CO_TEST(TaskGroup, CancelsTheRestWhenOneChildFailsAndRethrows) {
  bool canceled = false;
  TaskGroup group(co_await asio::this_coro::executor);
  group.spawn(wait_long(canceled));
  group.spawn(fail());
  std::string what;
  try {
    co_await group.join();
  } catch (const Error& error) {
    what = error.what();
  }
  EXPECT_EQ(what, "boom");
  EXPECT_TRUE(canceled);
  EXPECT_EQ(group.size(), 0u);
}

// A child that cannot be interrupted just then, and goes on with another one.
Task<> spawn_late(TaskGroup& group, WorkerPool& workers, std::atomic<bool>& begun) {
  std::function<void()> work = [&begun] {
    begun = true;
    std::this_thread::sleep_for(30ms);
  };
  co_await workers.run(std::move(work));
  group.spawn(sleep_for(1h));
}

Task<> join_one_that_spawns_late(WorkerPool& workers, std::atomic<bool>& begun) {
  TaskGroup group(co_await asio::this_coro::executor);
  group.spawn(spawn_late(group, workers, begun));
  co_await group.join();
}

CO_TEST(TaskGroup, WhatIsSpawnedWhileItEndsIsCanceledToo) {
  WorkerPool workers(1);
  std::atomic<bool> begun = false;
  TaskGroup outer(co_await asio::this_coro::executor);
  outer.spawn(join_one_that_spawns_late(workers, begun));
  while (!begun) co_await sleep_for(1ms);
  outer.cancel();
  co_await outer.join();  // would take an hour
}

CO_TEST(TaskGroup, JoinReturnsWhenChildrenWereCanceled) {
  bool canceled = false;
  TaskGroup group(co_await asio::this_coro::executor);
  group.spawn(wait_long(canceled));
  group.cancel();
  co_await group.join();
  EXPECT_TRUE(canceled);
}

Task<> join_inner(bool& canceled) {
  TaskGroup inner(co_await asio::this_coro::executor);
  inner.spawn(wait_long(canceled));
  co_await inner.join();
}

CO_TEST(TaskGroup, CancelsItsChildrenWhenTheJoinIsCanceled) {
  bool canceled = false;
  TaskGroup outer(co_await asio::this_coro::executor);
  outer.spawn(join_inner(canceled));
  co_await sleep_for(1ms);
  outer.cancel();
  co_await outer.join();
  EXPECT_TRUE(canceled);
}

Task<> notify_soon(Event& event) {
  co_await sleep_for(1ms);
  event.notify();
}

CO_TEST(Event, WakesAWaiterAndRemembersANotificationForTheNext) {
  Event event(co_await asio::this_coro::executor);
  TaskGroup group(co_await asio::this_coro::executor);
  group.spawn(notify_soon(event));
  EXPECT_TRUE(co_await event.wait(in(5s)));
  event.notify();
  EXPECT_TRUE(co_await event.wait(in(5s)));
  EXPECT_FALSE(co_await event.wait(in(1ms)));
  co_await group.join();
}

CO_TEST(WorkerPool, RunsWorkElsewhereAndPassesItsFailureOn) {
  WorkerPool pool(2);
  const auto here = std::this_thread::get_id();
  std::thread::id there;
  auto note = [&there] { there = std::this_thread::get_id(); };
  co_await pool.run(note);
  EXPECT_NE(there, here);
  auto failing = [] { throw Error(ErrorCode::invalid, "no"); };
  bool failed = false;
  try {
    co_await pool.run(failing);
  } catch (const Error&) {
    failed = true;
  }
  EXPECT_TRUE(failed);
}

TEST(Backoff, GrowsToItsMaximumWithJitterAndStartsAgain) {
  Backoff backoff(100ms, 400ms);
  for (const auto step : {100ms, 200ms, 400ms, 400ms}) {
    const auto wait = backoff.next();
    EXPECT_LE(wait, step);
    EXPECT_GE(wait, step / 2);
  }
  backoff.reset();
  EXPECT_LE(backoff.next(), 100ms);
}

}  // namespace
}  // namespace deis::net
