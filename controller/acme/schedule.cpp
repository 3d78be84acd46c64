#include "controller/acme/schedule.h"

#include <algorithm>
#include <utility>

namespace deis::controller::acme {
namespace {

using namespace std::chrono_literals;

constexpr auto kWindow = 1h;

struct Ladder {
  std::chrono::minutes first, last;
};

constexpr Ladder ladder_of(Failure failure) {
  return failure == Failure::before_order ? Ladder{1min, 1h} : Ladder{1h, 24h};
}

// The moment at which fewer than `limit` of `times` are in the window.
std::optional<SystemTime> free_at(SystemTime now, std::vector<SystemTime> times, int limit) {
  std::erase_if(times, [&](SystemTime begun) { return begun <= now - kWindow; });
  if (std::cmp_less(times.size(), limit)) return std::nullopt;
  if (limit <= 0) return now + kWindow;
  std::ranges::sort(times);
  return times[times.size() - static_cast<std::size_t>(limit)] + kWindow;
}

}  // namespace

SystemTime renewal_time(SystemTime valid_from, SystemTime expires) {
  return valid_from + (expires - valid_from) / 3 * 2;
}

SystemTime next_attempt(SystemTime now, Failure failure, int failures) {
  const Ladder ladder = ladder_of(failure);
  std::chrono::minutes pause = ladder.first;
  for (int i = 1; i < failures && pause < ladder.last; ++i) pause *= 2;
  return now + std::min(pause, ladder.last);
}

std::optional<SystemTime> held_until(
    SystemTime now, const OrderLimits& limits, const std::vector<RecentOrder>& recent) {
  std::vector<SystemTime> all, failed;
  for (const RecentOrder& order : recent) {
    all.push_back(order.begun);
    if (order.same_domain && order.failed_validation) failed.push_back(order.begun);
  }
  const auto platform = free_at(now, std::move(all), limits.orders_per_hour);
  const auto domain = free_at(now, std::move(failed), limits.failed_validations_per_hour);
  if (!platform || !domain) return platform ? platform : domain;
  return std::max(*platform, *domain);
}

}  // namespace deis::controller::acme
