#pragma once
// Which endpoint of a route gets a request. Reads the table and what its slots tell; writes only the cursor.

#include "router/table/layout.h"

#include <cstdint>

namespace deis::router::table {

struct PickOptions {
  Offset avoid = 0;            // slot of the endpoint that has just failed
  std::uint64_t affinity = 0;  // requests with the same number go to the same endpoint; 0: any
  std::uint32_t random = 0;
  std::int64_t now_ms = 0;  // CLOCK_MONOTONIC
};

// nullptr when the route has no endpoint. One that failed lately, or that is to be avoided, is picked only
// when there is no other, of the other release neither.
const Endpoint* pick(const Segment& segment, Route& route, const PickOptions& options);

// An endpoint that fails three times in a row is avoided for 10 s, then for 20 s and so on up to a minute,
// until it answers.
void note_failure(Slot& slot, std::int64_t now_ms);
void note_answer(Slot& slot);

constexpr std::int64_t kSlowStartMs = 10'000;  // a new endpoint's share grows from a tenth to the whole

}  // namespace deis::router::table
