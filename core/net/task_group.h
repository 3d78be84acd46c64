#pragma once
// TaskGroup owns every task it spawns: join() returns only when all have ended, and the first failure cancels
// the rest and is rethrown by join(). Nothing in this project runs outside a group.
// Loop thread only. Must be joined before it is destroyed.

#include "core/net/task.h"

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>

#include <exception>
#include <list>

namespace deis::net {

class TaskGroup {
 public:
  explicit TaskGroup(Executor executor);
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;
  ~TaskGroup();

  void spawn(Task<> child);
  // Asks all children to end (their next co_await throws). Children may be spawned afterwards.
  void cancel();
  std::size_t size() const { return live_.size(); }
  // Waits for all children; rethrows the first failure that was not a cancellation. When the joining task
  // itself is cancelled: cancels the children, waits for them, then throws Error{canceled}. From that moment,
  // or the first failure, until its end what children still spawn is cancelled at once: it would be waited
  // for.
  Task<> join();

 private:
  Executor executor_;
  std::list<asio::cancellation_signal> live_;
  asio::steady_timer idle_;
  std::exception_ptr first_;
  bool ending_ = false;
};

}  // namespace deis::net
