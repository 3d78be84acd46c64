#pragma once
// Whether a container gets traffic, decided from its probes: pure, so that every sequence can be tested.

#include <chrono>
#include <string>
#include <string_view>

namespace deis::publisher {

enum class Health { starting, up, failing };
std::string_view name_of(Health health);

// What one probe found.
struct ProbeResult {
  std::string failure;  // "" when it passed, else what happened
  bool answered_wrong =
      false;                // an HTTP check had an answer, or none in time: the app is there, but not well
  bool is_our_own = false;  // it failed on our side (no descriptors, say): nothing is known of the container
};

class ProbeState {
 public:
  using Time = std::chrono::milliseconds;
  struct Timing {
    Time startup{60'000};                // until the first success
    Time first{50}, slowest_start{500};  // between probes until then, doubling
    Time interval{3000};                 // while it is up
    Time retry{500};                     // after a miss
    int misses = 3;                      // in a row, to be failing
    int successes = 1;                   // in a row, to be up
    Time settle{0};                      // a success counts when there is another one so much later
  };
  ProbeState() = default;
  explicit ProbeState(Timing timing) : timing_(timing), start_wait_(timing.first) {}

  void follow(Timing timing) { timing_ = timing; }  // from now on
  void resume(Health health) {  // of one that was up under our predecessor, and is this now
    health_ = health;
    ever_up_ = true;
  }
  // `starting_for`: since its delay was over. Returns how long to wait before the next probe.
  Time take(const ProbeResult& result, Time starting_for);

  Health health() const { return health_; }
  bool ever_up() const { return ever_up_; }
  const std::string& detail() const { return detail_; }  // of the last failed probe; "" when it passed
  // Wrong answers before the first success, counted up to 4: who waits for the container tells its people of
  // them.
  int attempts() const { return attempts_; }

 private:
  Timing timing_;
  Time start_wait_{timing_.first};
  Health health_ = Health::starting;
  std::string detail_;
  bool ever_up_ = false;
  bool settled_ = false;
  int missed_ = 0, passed_ = 0, attempts_ = 0;

  Time take_success();
};

}  // namespace deis::publisher
