#pragma once
// Event: "something changed, look again". Level-triggered loops wait on it instead of sleeping. Loop thread
// only.

#include "core/net/task.h"

#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <vector>

namespace deis::net {

class Event {
 public:
  explicit Event(Executor executor);
  void notify();  // wakes all waiters; remembered for the next waiter when there is none
  // True when notified, false when `until` passed first. Throws Error{canceled} on cancellation.
  Task<bool> wait(Deadline until);

 private:
  Executor executor_;
  std::vector<asio::steady_timer*> waiters_;  // one timer per waiter, so that each has its own end
  bool pending_ = false;
  std::uint64_t generation_ = 0;
};

}  // namespace deis::net
