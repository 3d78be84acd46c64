#pragma once
// Tests that are coroutines:
//   CO_TEST(TaskGroup, CancelsTheRestWhenOneChildFails) { co_await ...; CO_ASSERT_TRUE(x); }
// Each runs on an io_context of its own with a limit of 10 s; an exception fails the test. ASSERT_* cannot be
// used in a coroutine (it returns), CO_ASSERT_* can; EXPECT_* can anyway. eventually() waits for a condition.

#include "core/base/error.h"
#include "core/net/task.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <gtest/gtest.h>

#include <exception>
#include <functional>

namespace deis::net {

inline void run_test_task(Task<> task, std::chrono::seconds limit = std::chrono::seconds(10)) {
  asio::io_context io;
  asio::cancellation_signal cancel;
  asio::steady_timer watchdog(io, limit);
  bool timed_out = false;
  watchdog.async_wait([&](const boost::system::error_code& error) {
    if (error) return;
    timed_out = true;
    cancel.emit(asio::cancellation_type::terminal);
  });
  std::exception_ptr failure;
  auto done = [&](std::exception_ptr e) {
    failure = e;
    watchdog.cancel();
    io.stop();  // what a failed test left running must not keep the program from going on
  };
  asio::co_spawn(io, std::move(task), asio::bind_cancellation_slot(cancel.slot(), done));
  io.run();
  if (timed_out) ADD_FAILURE() << "the test did not end within " << limit.count() << " s";
  if (!failure) return;
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& e) {
    ADD_FAILURE() << "exception: " << e.what();
  }
}

// Returns once `condition` holds; throws Error{timeout} that says `what` was waited for in vain.
inline Task<> eventually(
    std::function<bool()> condition, std::string what, std::chrono::seconds limit = std::chrono::seconds(8)) {
  const Deadline deadline = in(limit);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline)
      throw Error(ErrorCode::timeout, "waited in vain: " + what);
    co_await sleep_for(std::chrono::milliseconds(1));
  }
}

}  // namespace deis::net

#define CO_TEST(Suite, Name)                             \
  static ::deis::Task<> Suite##_##Name##_task();         \
  TEST(Suite, Name) {                                    \
    ::deis::net::run_test_task(Suite##_##Name##_task()); \
  }                                                      \
  static ::deis::Task<> Suite##_##Name##_task()

#define CO_ASSERT_TRUE(condition) \
  if (!(condition)) {             \
    ADD_FAILURE() << #condition;  \
    co_return;                    \
  }
#define CO_ASSERT_EQ(a, b) \
  if (!((a) == (b))) {     \
    EXPECT_EQ(a, b);       \
    co_return;             \
  }
