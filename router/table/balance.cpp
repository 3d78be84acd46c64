#include "router/table/balance.h"

#include "router/table/hash.h"

#include <algorithm>
#include <utility>

namespace deis::router::table {
namespace {

constexpr std::uint32_t kFailures = 3;
constexpr std::int64_t kEjectionMs = 10'000;
constexpr std::uint32_t kLongestEjection = 6;  // times that

// Rules are given up one after the other until an endpoint is left.
enum class Rigour { all, no_slow_start, no_ejection, none };

// The endpoints of one release.
struct Group {
  const Endpoint* first;
  std::uint32_t size;
  std::uint64_t begin = 0;  // where to look first, unless affinity says it
  const Endpoint& operator[](std::uint64_t i) const { return first[i % size]; }
};

bool is_fit(const Segment& segment, const Endpoint& endpoint, const PickOptions& options, Rigour rigour) {
  if (rigour == Rigour::none) return true;
  if (endpoint.slot == options.avoid) return false;
  if (rigour == Rigour::no_ejection) return true;
  const Slot& slot = *segment.at<Slot>(endpoint.slot);
  if (slot.ejected_until_ms.load(std::memory_order_relaxed) > options.now_ms) return false;
  if (rigour == Rigour::no_slow_start) return true;
  const std::int64_t age = options.now_ms - slot.added_ms;
  return age >= kSlowStartMs || (options.random >> 8U) % kSlowStartMs < std::max(age, kSlowStartMs / 10);
}

std::uint32_t in_flight(const Segment& segment, const Endpoint& endpoint) {
  Slot& slot = *segment.at<Slot>(endpoint.slot);
  std::uint32_t sum = 0;
  for (unsigned column = 0; column < slot.columns; ++column)
    sum += slot.counters(column).in_flight.load(std::memory_order_relaxed);
  return sum;
}

// Where to begin looking: of two endpoints the one with less to do, or the next one in turn.
std::uint64_t first_choice(const Segment& segment, Route& route, const Group& group, std::uint32_t random) {
  if (group.size < 2) return 0;
  const std::uint32_t turn = route.cursor.fetch_add(1, std::memory_order_relaxed);
  if (route.balance == Balance::round_robin) return turn;
  const std::uint32_t other = turn + 1 + random % (group.size - 1);
  return in_flight(segment, group[other]) < in_flight(segment, group[turn]) ? other : turn;
}

// The highest product of the number and an endpoint wins, so that only those requests move whose endpoint
// came or went.
const Endpoint* pick_by_affinity(
    const Segment& segment, const Group& group, const PickOptions& options, Rigour rigour) {
  const Endpoint* best = nullptr;
  std::uint64_t highest = 0;
  for (std::uint32_t i = 0; i < group.size; ++i) {
    const std::uint64_t score = hash(group[i].name(), options.affinity);
    if ((best == nullptr || score > highest) && is_fit(segment, group[i], options, rigour)) {
      best = &group[i];
      highest = score;
    }
  }
  return best;
}

bool is_for_canary(const Route& route, const PickOptions& options) {
  const std::uint64_t dice = options.affinity != 0 ? options.affinity >> 32U : options.random;
  return route.canary > 0 && (route.stable == 0 || dice % 100 < route.canary_weight);
}

// nullptr when none of the group is fit by rules as lax as `laxest`.
const Endpoint* pick_from(
    const Segment& segment, const Group& group, const PickOptions& options, Rigour strictest, Rigour laxest) {
  for (Rigour rigour = strictest; rigour <= laxest;
       rigour = static_cast<Rigour>(static_cast<int>(rigour) + 1)) {
    if (options.affinity != 0) {
      if (const Endpoint* found = pick_by_affinity(segment, group, options, rigour)) return found;
      continue;
    }
    for (std::uint32_t i = 0; i < group.size; ++i)
      if (is_fit(segment, group[group.begin + i], options, rigour)) return &group[group.begin + i];
  }
  return nullptr;
}

}  // namespace

// The dice choose the group, not whether a request is answered: what fails in one of them goes to the other
// before a rule is given up.
const Endpoint* pick(const Segment& segment, Route& route, const PickOptions& options) {
  if (route.stable + route.canary == 0) return nullptr;
  if (route.stable + route.canary == 1) return route.endpoints();
  const bool has_affinity = options.affinity != 0;
  const Rigour strictest = has_affinity ? Rigour::no_slow_start : Rigour::all;
  Group chosen{route.endpoints(), route.stable}, other{route.endpoints() + route.stable, route.canary};
  if (is_for_canary(route, options)) std::swap(chosen, other);
  if (!has_affinity) chosen.begin = first_choice(segment, route, chosen, options.random);
  const Endpoint* found = pick_from(segment, chosen, options, strictest, Rigour::no_slow_start);
  if (found != nullptr) return found;
  if (!has_affinity) other.begin = first_choice(segment, route, other, options.random);
  found = pick_from(segment, other, options, strictest, Rigour::no_slow_start);
  if (found == nullptr) found = pick_from(segment, chosen, options, Rigour::no_ejection, Rigour::no_ejection);
  if (found == nullptr) found = pick_from(segment, other, options, Rigour::no_ejection, Rigour::no_ejection);
  return found != nullptr ? found : pick_from(segment, chosen, options, Rigour::none, Rigour::none);
}

void note_failure(Slot& slot, std::int64_t now_ms) {
  if (slot.failed_in_a_row.fetch_add(1) + 1 < kFailures) return;
  slot.failed_in_a_row.store(0);
  const std::uint32_t times = std::min(slot.ejections.fetch_add(1) + 1, kLongestEjection);
  slot.ejected_until_ms.store(now_ms + times * kEjectionMs);
}

void note_answer(Slot& slot) {
  if (slot.failed_in_a_row.load(std::memory_order_relaxed) != 0) slot.failed_in_a_row.store(0);
  if (slot.ejections.load(std::memory_order_relaxed) != 0) slot.ejections.store(0);
}

}  // namespace deis::router::table
