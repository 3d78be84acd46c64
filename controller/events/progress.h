#pragma once
// One operation on an app, told as "phase" events: starting, created, healthy, switched, drained, then done
// or failed. Held by whoever still works on it, behind the answer too.

#include "controller/events/cause.h"
#include "controller/events/event_log.h"
#include "controller/scheduler/scheduler.h"

#include <memory>
#include <string>
#include <utility>

namespace deis::controller {

enum class Operation { deploy, config, rollback, scale, restart, destroy, canary, promote, abort };
std::string_view name_of(Operation operation);

class Progress : public std::enable_shared_from_this<Progress> {
 public:
  // Its time counts from here. The log outlives it.
  static std::shared_ptr<Progress> begin(EventLog& log, AppId app, Operation operation, Cause cause);

  void starting(std::int64_t release);
  OnPhase on_phase();  // for the scheduler; keeps this alive
  // Our part has succeeded: done as soon as the scheduler's has (Phase::retired).
  void succeeded();
  void failed(const std::string& why);

  // Awaits `work`, and tells when it fails.
  template <typename T>
  static Task<T> watch(std::shared_ptr<Progress> progress, Task<T> work) {
    try {
      co_return co_await std::move(work);
    } catch (const std::exception& error) {
      progress->failed(error.what());
      throw;
    }
  }

 private:
  Progress(EventLog& log, AppId app, Operation operation, Cause cause);
  void on_phase(Phase phase, const std::string& detail);
  void publish(std::string_view phase, const std::string& detail);
  void finish_if_over();

  EventLog& log_;
  AppId app_;
  Operation operation_;
  Cause cause_;
  std::int64_t release_ = 0;
  std::chrono::steady_clock::time_point begin_;
  bool begun_ = false, succeeded_ = false, retired_ = false, over_ = false;
};

}  // namespace deis::controller
