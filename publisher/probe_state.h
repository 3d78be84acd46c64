#pragma once
// Whether a container gets traffic, decided from its probes: pure, so that every sequence can be tested.

#include <chrono>
#include <string>

namespace deis::publisher {

enum class Health { starting, up, failing };
std::string_view name_of(Health health);

class ProbeState {
 public:
  struct Timing {
    std::chrono::milliseconds first{50},
        slowest_start{500};                    // between probes until the first success, doubling
    std::chrono::milliseconds interval{2000};  // afterwards
    int misses = 3;                            // in a row, to be failing
  };
  ProbeState() = default;
  explicit ProbeState(Timing timing) : timing_(timing), start_wait_(timing.first) {}

  // `failure` is "" when the probe passed, else what happened. Returns how long to wait before the next
  // probe.
  std::chrono::milliseconds take(const std::string& failure);

  Health health() const { return health_; }
  const std::string& detail() const { return detail_; }  // of the last failed probe; "" when up

 private:
  Timing timing_;
  std::chrono::milliseconds start_wait_{timing_.first};
  Health health_ = Health::starting;
  std::string detail_;
  int missed_ = 0;
};

}  // namespace deis::publisher
