#pragma once
// Blocking work (password hashes, file trees, getaddrinfo) runs on a small pool, never on the loop thread.

#include "core/net/task.h"

#include <functional>
#include <memory>

namespace deis::net {

class WorkerPool {
 public:
  explicit WorkerPool(unsigned threads);  // 1..16
  ~WorkerPool();                          // waits for work that has begun

  // Runs `work` on the pool and resumes on the caller's executor. Not cancellable: give `work` its own bound.
  Task<> run(std::function<void()> work);

 private:
  struct Pool;
  std::unique_ptr<Pool> pool_;
};

}  // namespace deis::net
