#pragma once
// The command line is sequential: one coroutine at a time, waited for. Background tasks (an animation, the
// events of a roll-out) go on while it waits.

#include "core/net/task.h"

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <memory>
#include <optional>

namespace deis::cli {

class Loop {
 public:
  Executor executor() { return io_.get_executor(); }

  // Runs until `task` has ended; gives its result or throws what it threw.
  template <typename T>
  T run(Task<T> task) {
    if constexpr (std::is_void_v<T>) {
      run_to_end(std::move(task));
    } else {
      std::optional<T> result;
      run_to_end(keep(std::move(task), result));
      return std::move(*result);
    }
  }

 private:
  friend class Background;

  template <typename T>
  static Task<> keep(Task<T> task, std::optional<T>& result) {
    result = co_await std::move(task);
  }
  void run_to_end(Task<> task);
  void run_until(const bool& done);

  asio::io_context io_{1};
};

// Runs beside what the loop is asked to run; the end of this object is the end of the task. What the task
// throws is nobody's business: it only accompanies.
class Background {
 public:
  Background(Loop& loop, Task<> task);
  ~Background();
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

 private:
  struct State {
    asio::cancellation_signal cancel;
    bool done = false;
  };
  Loop& loop_;
  std::shared_ptr<State> state_;
};

}  // namespace deis::cli
