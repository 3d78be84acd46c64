#include "core/net/offload.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace deis::net {

struct WorkerPool::Pool {
  explicit Pool(unsigned threads) : threads(threads) {}
  asio::thread_pool threads;
};

namespace {

Task<> call(std::function<void()> work) {
  work();
  co_return;
}

}  // namespace

WorkerPool::WorkerPool(unsigned threads) : pool_(std::make_unique<Pool>(threads)) {}

WorkerPool::~WorkerPool() {
  pool_->threads.join();
}

// The caller's cancellation must not reach the work: it would meet, on one thread of the pool, a coroutine
// that begins on another.
Task<> WorkerPool::run(std::function<void()> work) {
  Task<> task = call(std::move(work));
  auto shielded = asio::bind_cancellation_slot(asio::cancellation_slot(), asio::use_awaitable);
  co_await asio::co_spawn(pool_->threads, std::move(task), std::move(shielded));
}

}  // namespace deis::net
