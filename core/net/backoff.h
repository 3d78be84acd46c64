#pragma once
// Exponential back-off with jitter for retry loops: 100 ms, 200 ms ... up to `maximum`; reset() after a
// success.

#include <chrono>

namespace deis::net {

class Backoff {
 public:
  explicit Backoff(
      std::chrono::milliseconds first = std::chrono::milliseconds(100),
      std::chrono::milliseconds maximum = std::chrono::seconds(2));
  std::chrono::milliseconds next();  // 50-100 % of the current step, then doubles the step
  void reset();

 private:
  std::chrono::milliseconds first_, maximum_, step_;
};

}  // namespace deis::net
