#pragma once
// The command line is sequential: one coroutine at a time, waited for.

#include "core/net/task.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <optional>

namespace deis::cli {

class Loop {
 public:
  Executor executor() { return io_.get_executor(); }

  template <typename T>
  T run(Task<T> task) {
    std::exception_ptr failure;
    if constexpr (std::is_void_v<T>) {
      asio::co_spawn(io_, std::move(task), [&](std::exception_ptr e) { failure = e; });
      finish(failure);
    } else {
      std::optional<T> result;
      asio::co_spawn(io_, std::move(task), [&](std::exception_ptr e, T value) {
        failure = e;
        if (!e) result = std::move(value);
      });
      finish(failure);
      return std::move(*result);
    }
  }

 private:
  void finish(const std::exception_ptr& failure) {
    io_.restart();
    io_.run();
    if (failure) std::rethrow_exception(failure);
  }

  asio::io_context io_{1};
};

}  // namespace deis::cli
