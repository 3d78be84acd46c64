#include "core/net/task_group.h"

#include "core/base/error.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <cassert>

namespace deis::net {
namespace {

bool is_cancellation(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const Error& error) {
    return error.code() == ErrorCode::canceled;
  } catch (const boost::system::system_error& error) {
    return error.code() == asio::error::operation_aborted;
  } catch (...) {
    return false;
  }
}

}  // namespace

TaskGroup::TaskGroup(Executor executor) : executor_(executor), idle_(executor, Deadline::max()) {}

TaskGroup::~TaskGroup() {
  assert(live_.empty() && "a TaskGroup must be joined before it is destroyed");
}

void TaskGroup::spawn(Task<> child) {
  const auto it = live_.emplace(live_.end());
  auto done = [this, it](std::exception_ptr failure) {
    live_.erase(it);
    if (failure && !is_cancellation(failure) && !first_) {
      first_ = failure;
      ending_ = true;
      cancel();
    }
    if (live_.empty()) idle_.cancel();
  };
  asio::co_spawn(executor_, std::move(child), asio::bind_cancellation_slot(it->slot(), std::move(done)));
  if (ending_) it->emit(asio::cancellation_type::terminal);
}

void TaskGroup::cancel() {
  for (auto it = live_.begin(); it != live_.end();) (it++)->emit(asio::cancellation_type::terminal);
}

Task<> TaskGroup::join() {
  // Both settings belong to the whole chain of awaiting coroutines, so the first one is put back at the end.
  const bool threw = co_await asio::this_coro::throw_if_cancelled();
  co_await asio::this_coro::throw_if_cancelled(false);
  const auto state = co_await asio::this_coro::cancellation_state;
  bool shielded = false;
  while (!live_.empty()) {
    if (!shielded && state.cancelled() != asio::cancellation_type::none) {
      shielded = ending_ = true;
      cancel();
      // From here on the wait must not be interrupted again: the children are ending.
      co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
      continue;
    }
    boost::system::error_code ignored;
    co_await idle_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  ending_ = false;
  co_await asio::this_coro::throw_if_cancelled(threw);
  if (first_) std::rethrow_exception(std::exchange(first_, nullptr));
  if (shielded) throw Error(ErrorCode::canceled, "canceled");
}

}  // namespace deis::net
