#pragma once
// One timer per direction of a stream. Arming it for every operation would cost a timer operation each; so
// the timer stays where it is as long as it fires no later than the deadline, and looks again when it fires.

#include "core/net/task.h"

#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <memory>
#include <optional>

namespace deis::net {

class Watchdog {
 public:
  Watchdog(Executor executor, std::function<void()> fire)
      : state_(std::make_shared<State>(std::move(executor), std::move(fire))) {}
  ~Watchdog() {
    state_->fire = nullptr;
    state_->timer.cancel();
  }
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  void arm(Deadline deadline) {
    state_->deadline = deadline;
    if (!state_->fires_at || *state_->fires_at > deadline) schedule(state_, deadline);
  }
  void disarm() { state_->deadline.reset(); }
  bool fired() const { return state_->fired; }

 private:
  struct State {
    State(Executor executor, std::function<void()> f) : timer(std::move(executor)), fire(std::move(f)) {}
    asio::steady_timer timer;
    std::function<void()> fire;
    std::optional<Deadline> deadline, fires_at;
    bool fired = false;
  };

  static void schedule(const std::shared_ptr<State>& state, Deadline when) {
    state->fires_at = when;
    state->timer.expires_at(when);
    state->timer.async_wait([state](const boost::system::error_code& error) {
      if (error || !state->fire) return;
      state->fires_at.reset();
      if (!state->deadline) return;
      if (*state->deadline > std::chrono::steady_clock::now()) {
        schedule(state, *state->deadline);
      } else {
        state->fired = true;
        state->fire();
      }
    });
  }

  std::shared_ptr<State> state_;
};

}  // namespace deis::net
