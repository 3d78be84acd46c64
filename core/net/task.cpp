#include "core/net/task.h"

#include "core/base/error.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace deis::net {

Task<> sleep_until(Deadline when) {
  asio::steady_timer timer(co_await asio::this_coro::executor, when);
  boost::system::error_code error;
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
  if (error) throw Error(ErrorCode::canceled, "canceled while waiting");
}

Task<> sleep_for(std::chrono::steady_clock::duration time) {
  co_await sleep_until(in(time));
}

Task<bool> canceled() {
  const auto state = co_await asio::this_coro::cancellation_state;
  co_return state.cancelled() != asio::cancellation_type::none;
}

}  // namespace deis::net
