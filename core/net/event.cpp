#include "core/net/event.h"

#include "core/base/error.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace deis::net {

Event::Event(Executor executor) : executor_(std::move(executor)) {}

void Event::notify() {
  ++generation_;
  pending_ = waiters_.empty();
  for (asio::steady_timer* waiter : waiters_) waiter->cancel();
}

Task<bool> Event::wait(Deadline until) {
  if (std::exchange(pending_, false)) co_return true;
  const auto seen = generation_;
  asio::steady_timer end(executor_, until);
  waiters_.push_back(&end);
  boost::system::error_code error;
  co_await end.async_wait(asio::redirect_error(asio::use_awaitable, error));
  std::erase(waiters_, &end);
  if (generation_ != seen) co_return true;
  if (error) throw Error(ErrorCode::canceled, "canceled while waiting");
  co_return false;
}

}  // namespace deis::net
