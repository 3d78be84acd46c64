#include "core/net/backoff.h"

#include "core/base/random.h"

#include <algorithm>

namespace deis::net {

Backoff::Backoff(std::chrono::milliseconds first, std::chrono::milliseconds maximum)
    : first_(first), maximum_(maximum), step_(first) {}

std::chrono::milliseconds Backoff::next() {
  const auto half = std::max<std::int64_t>(step_.count() / 2, 1);
  const std::chrono::milliseconds wait(half + random_below(static_cast<std::uint32_t>(half) + 1));
  step_ = std::min(step_ * 2, maximum_);
  return wait;
}

void Backoff::reset() {
  step_ = first_;
}

}  // namespace deis::net
