#pragma once
// Event: "something changed, look again". Level-triggered loops wait on it instead of sleeping. Loop thread only.

#include "core/net/task.h"

#include <boost/asio/steady_timer.hpp>

namespace deis::net {

class Event {
 public:
  explicit Event(Executor executor);
  void notify();  // wakes all waiters; remembered for the next waiter when there is none
  // True when notified, false when `until` passed first. Throws Error{canceled} on cancellation.
  Task<bool> wait(Deadline until);

 private:
  asio::steady_timer timer_;
  int waiting_ = 0;
  bool pending_ = false;
  std::uint64_t generation_ = 0;
};

}  // namespace deis::net
