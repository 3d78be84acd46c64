#pragma once
// When a container that fails its health check may be restarted: pure. A check that is wrong, or a database
// that is away, must neither take all containers of an app down at once nor restart one all the time; so of
// an app one is restarted after the other, and each waits longer every time.

#include <chrono>
#include <cstddef>
#include <map>
#include <string>

namespace deis::publisher {

class RestartPlan {
 public:
  using Clock = std::chrono::steady_clock;
  struct Limits {
    std::chrono::milliseconds first{10'000}, longest{300'000};  // between restarts of a job, doubling
    std::chrono::milliseconds calm{600'000};  // a job that was not restarted for so long begins anew
    std::size_t at_once = 4;  // of all apps: a host that is too busy to answer must not be made busier
    std::chrono::milliseconds recovery{120'000};  // the next one of the app need not wait longer for it
  };
  RestartPlan() : RestartPlan(Limits()) {}
  explicit RestartPlan(Limits limits) : limits_(limits) {}

  // Whether this container of the job is to be restarted now; then it counts as being so.
  bool begin(
      const std::string& app, const std::string& job, const std::string& container, Clock::time_point now);
  // A container of the job serves. When it is another one, its restart is over.
  void serves(const std::string& app, const std::string& job, const std::string& container);

 private:
  struct Job {
    Clock::time_point last{};
    std::chrono::milliseconds wait{0};
  };
  struct Current {
    std::string job, container;
    Clock::time_point since{};
  };
  void forget_calm(Clock::time_point now);

  Limits limits_;
  std::map<std::string, Job> jobs_;
  std::map<std::string, Current> current_;  // by app
};

}  // namespace deis::publisher
