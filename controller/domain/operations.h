#pragma once
// Operations that must come to their end even when the client that asked for them hangs up: a roll-out that
// is half done is worse than one nobody waits for. They are tasks of the controller; the request only waits
// for them. Loop thread only.

#include "core/base/error.h"
#include "core/net/event.h"
#include "core/net/task_group.h"

#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace deis::controller {

class Operations {
 public:
  explicit Operations(Executor executor) : executor_(executor), group_(executor) {}

  // Runs `work` to its end and hands its result (or exception) on. Cancelling the caller ends only the
  // waiting.
  template <typename T>
  Task<T> run(Task<T> work) {
    auto outcome = std::make_shared<Outcome<T>>(executor_);
    group_.spawn(perform(std::move(work), outcome));
    while (!outcome->done) co_await outcome->ended.wait(Deadline::max());
    if (outcome->failure) std::rethrow_exception(outcome->failure);
    if constexpr (!std::is_void_v<T>) co_return std::move(*outcome->value);
  }

  // A part of the daemon: waits until cancelled, then cancels the operations under way and waits for them.
  Task<> serve() {
    net::Event never(executor_);
    try {
      for (;;) co_await never.wait(Deadline::max());
    } catch (const Error&) {
    }
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    co_await stop();
  }

  Task<> stop() {
    group_.cancel();
    co_await group_.join();
  }

 private:
  struct Nothing {};
  template <typename T>
  struct Outcome {
    explicit Outcome(Executor executor) : ended(std::move(executor)) {}
    std::optional<std::conditional_t<std::is_void_v<T>, Nothing, T>> value;
    std::exception_ptr failure;
    bool done = false;
    net::Event ended;
  };

  template <typename T>
  static Task<> perform(Task<T> work, std::shared_ptr<Outcome<T>> outcome) {
    try {
      if constexpr (std::is_void_v<T>) {
        co_await std::move(work);
      } else {
        outcome->value = co_await std::move(work);
      }
    } catch (...) {
      outcome->failure = std::current_exception();
    }
    outcome->done = true;
    outcome->ended.notify();
  }

  Executor executor_;
  net::TaskGroup group_;
};

}  // namespace deis::controller
