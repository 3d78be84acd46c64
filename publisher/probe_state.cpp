#include "publisher/probe_state.h"

#include <algorithm>
#include <utility>

namespace deis::publisher {
namespace {

constexpr int kAttemptsTold = 4;

}  // namespace

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

ProbeState::Time ProbeState::take(const ProbeResult& result, Time starting_for) {
  detail_ = result.failure;
  if (result.failure.empty()) return take_success();
  settled_ = false;
  passed_ = 0;
  if (!ever_up_) {
    if (result.answered_wrong) attempts_ = std::min(attempts_ + 1, kAttemptsTold);
    if (starting_for >= timing_.startup) health_ = Health::failing;
    const Time wait = start_wait_;
    start_wait_ = std::min(start_wait_ * 2, timing_.slowest_start);
    return wait;
  }
  missed_ = std::min(missed_ + 1, timing_.misses);
  if (missed_ >= timing_.misses) health_ = Health::failing;
  return timing_.retry;
}

ProbeState::Time ProbeState::take_success() {
  missed_ = 0;
  if (health_ != Health::up) {
    if (timing_.settle > Time(0) && !std::exchange(settled_, true)) return timing_.settle;
    if (++passed_ < timing_.successes) return timing_.retry;
  }
  health_ = Health::up;
  ever_up_ = true;
  settled_ = false;
  passed_ = attempts_ = 0;
  return timing_.interval;
}

}  // namespace deis::publisher
