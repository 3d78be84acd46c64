#include "publisher/probe_state.h"

#include <algorithm>
#include <string_view>

namespace deis::publisher {

std::string_view name_of(Health health) {
  switch (health) {
    case Health::starting:
      return "starting";
    case Health::up:
      return "up";
    case Health::failing:
      return "failing";
  }
  return "failing";
}

std::chrono::milliseconds ProbeState::take(const std::string& failure) {
  if (failure.empty()) {
    health_ = Health::up;
    missed_ = 0;
    detail_.clear();
    return timing_.interval;
  }
  detail_ = failure;
  ++missed_;
  if (health_ == Health::starting) {
    const auto wait = start_wait_;
    start_wait_ = std::min(start_wait_ * 2, timing_.slowest_start);
    return wait;
  }
  if (health_ == Health::up && missed_ >= timing_.misses) health_ = Health::failing;
  // A container that was up and fails is asked more often: it should come back, or go, soon.
  return std::min(timing_.interval, timing_.slowest_start);
}

}  // namespace deis::publisher
