#pragma once
// Work that goes on behind an answer. It belongs to the scheduler's run(): joined when that ends, refused
// afterwards.

#include "core/net/task_group.h"

namespace deis::controller {

class Background {
 public:
  explicit Background(Executor executor) : group_(executor) {}

  // `work` keeps its failures to itself. When the daemon stops it is not begun: the reconciler of the next
  // one finishes what is missing.
  void spawn(Task<> work) {
    if (!closed_) group_.spawn(std::move(work));
  }
  bool closed() const { return closed_; }

  // Until cancelled, then until all work has ended.
  Task<> run() {
    std::exception_ptr end;
    try {
      co_await group_.join();
    } catch (...) {
      end = std::current_exception();
    }
    closed_ = true;
    if (end) std::rethrow_exception(end);
  }

 private:
  net::TaskGroup group_;
  bool closed_ = false;
};

}  // namespace deis::controller
