#pragma once
// How long a request waits for what somebody else holds up, before it is refused. Tests of the refusals have
// less.

#include <chrono>

namespace deis::controller {

struct Patience {
  std::chrono::milliseconds app_lock{5000};          // contract api.md §10.1
  std::chrono::milliseconds audit_record{5000};      // to get into the database
  std::chrono::milliseconds directory{6000};         // for one login
  std::chrono::milliseconds directory_pause{10000};  // after it was away
};

inline constexpr Patience kPatience;

}  // namespace deis::controller
