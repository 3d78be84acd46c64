#include "publisher/probe_slots.h"

#include "core/base/error.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace deis::publisher {

Task<ProbeSlots::Slot> ProbeSlots::take(std::string app) {
  if (is_free(app)) {
    occupy(app);
    co_return Slot(this, std::move(app));
  }
  const auto place =
      waiters_.insert(waiters_.end(), Waiter{app, asio::steady_timer(executor_, Deadline::max())});
  boost::system::error_code ended;
  co_await place->granted.async_wait(asio::redirect_error(asio::use_awaitable, ended));
  const bool has_it = place->has_it;
  waiters_.erase(place);
  if (!has_it) throw Error(ErrorCode::canceled, "canceled before a probe");
  co_return Slot(this, std::move(app));
}

bool ProbeSlots::is_free(const std::string& app) const {
  const auto found = taken_by_.find(app);
  return taken_ < limits_.total && (found == taken_by_.end() || found->second < limits_.per_app);
}

void ProbeSlots::occupy(const std::string& app) {
  ++taken_;
  ++taken_by_[app];
}

void ProbeSlots::release(const std::string& app) {
  --taken_;
  const auto own = taken_by_.find(app);
  if (--own->second == 0) taken_by_.erase(own);
  for (Waiter& waiter : waiters_) {
    if (waiter.has_it || !is_free(waiter.app)) continue;
    occupy(waiter.app);
    waiter.has_it = true;
    waiter.granted.cancel();
    return;
  }
}

}  // namespace deis::publisher
