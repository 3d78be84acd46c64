#pragma once
// How many probes are under way at once: bounded, and one app whose containers hang has only a share of them,
// so that the others are probed on. First come, first served. Loop thread only.

#include "core/net/task.h"

#include <boost/asio/steady_timer.hpp>

#include <list>
#include <map>
#include <string>
#include <utility>

namespace deis::publisher {

class ProbeSlots {
 public:
  struct Limits {
    std::size_t total = 512, per_app = 64;
  };
  ProbeSlots(Executor executor, Limits limits) : executor_(std::move(executor)), limits_(limits) {}

  class Slot {
   public:
    Slot(ProbeSlots* slots, std::string app) : slots_(slots), app_(std::move(app)) {}
    Slot(Slot&& other) noexcept : slots_(std::exchange(other.slots_, nullptr)), app_(std::move(other.app_)) {}
    ~Slot() {
      if (slots_) slots_->release(app_);
    }

   private:
    ProbeSlots* slots_;
    std::string app_;
  };
  Task<Slot> take(std::string app);

 private:
  struct Waiter {
    std::string app;
    asio::steady_timer granted;
    bool has_it = false;
  };
  bool is_free(const std::string& app) const;
  void occupy(const std::string& app);
  void release(const std::string& app);

  Executor executor_;
  Limits limits_;
  std::size_t taken_ = 0;
  std::map<std::string, std::size_t> taken_by_;  // app
  std::list<Waiter> waiters_;
};

}  // namespace deis::publisher
