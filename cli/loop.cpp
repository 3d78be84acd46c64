#include "cli/loop.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

namespace deis::cli {

void Loop::run_to_end(Task<> task) {
  std::exception_ptr failure;
  bool done = false;
  asio::co_spawn(io_, std::move(task), [&](std::exception_ptr e) {
    failure = e;
    done = true;
  });
  run_until(done);
  if (failure) std::rethrow_exception(failure);
}

void Loop::run_until(const bool& done) {
  io_.restart();
  while (!done && io_.run_one() > 0) {
  }
}

Background::Background(Loop& loop, Task<> task) : loop_(loop), state_(std::make_shared<State>()) {
  auto ended = [state = state_](std::exception_ptr) { state->done = true; };
  asio::co_spawn(
      loop_.io_, std::move(task), asio::bind_cancellation_slot(state_->cancel.slot(), std::move(ended)));
}

// Asio cancels in place when the loop itself asks. Asked from outside it would queue the cancellation, with a
// pointer into `state_`, perhaps behind the task's own end.
Background::~Background() {
  if (state_->done) return;
  asio::post(loop_.io_, [state = state_] {
    if (!state->done) state->cancel.emit(asio::cancellation_type::terminal);
  });
  loop_.run_until(state_->done);
}

}  // namespace deis::cli
