#include "core/net/offload.h"

#include "core/net/co_test.h"
#include "core/net/task_group.h"

#include <boost/asio/this_coro.hpp>

#include <atomic>
#include <future>

namespace deis::net {
namespace {

Task<> run_on(WorkerPool& pool, std::function<void()> work) {
  co_await pool.run(std::move(work));
}

CO_TEST(WorkerPool, DoesWorkThatWaitedForItsTurnWhenItsCallerWasCancelled) {
  WorkerPool pool(1);
  TaskGroup callers(co_await asio::this_coro::executor);
  std::promise<void> begun, go_on;
  bool done = false;
  callers.spawn(run_on(pool, [&] {
    begun.set_value();
    go_on.get_future().wait();
  }));
  callers.spawn(run_on(pool, [&] { done = true; }));
  begun.get_future().wait();
  callers.cancel();
  go_on.set_value();
  co_await callers.join();
  EXPECT_TRUE(done);
}

CO_TEST(WorkerPool, IsNotDisturbedByCallersThatAreCancelledAtAnyMoment) {
  constexpr int kRounds = 2000, kCallers = 4;
  WorkerPool pool(2);
  std::atomic<int> done = 0;
  for (int round = 0; round < kRounds; ++round) {
    TaskGroup callers(co_await asio::this_coro::executor);
    for (int i = 0; i < kCallers; ++i) callers.spawn(run_on(pool, [&] { ++done; }));
    callers.cancel();
    co_await callers.join();
  }
  EXPECT_EQ(done, kRounds * kCallers);
}

}  // namespace
}  // namespace deis::net
