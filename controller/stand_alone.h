#pragma once
// A controller that stands alone (--engine memory; script/controller): containers, publisher and logger in
// memory, no router, no registry. Its admin address also answers
//   POST /stand-alone/reset       as just started: no users, no apps, no settings
//   GET  /stand-alone/settings    {"failure.create": "0", ...}
//   POST /stand-alone/settings    a form, failure.create=0.5: those that are named change, at once
// An ordinary controller has no such object, and so no such door.

#include "controller/database_link.h"
#include "controller/domain/app_log.h"
#include "controller/domain/operations.h"
#include "controller/memory_logs.h"
#include "controller/scheduler/memory_engine.h"
#include "controller/scheduler/memory_publisher.h"
#include "controller/scheduler/zero_downtime_scheduler.h"
#include "controller/settings_keeper.h"
#include "core/component/runtime.h"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace deis::controller {

class StandAlone {
 public:
  explicit StandAlone(component::Runtime& runtime);

  static SchedulerOptions scheduler_options();
  Engine& engine() { return engine_; }
  AppLog app_log();  // to standard output, and where logger() finds it
  std::optional<net::Endpoint> logger() const;

  // What a reset empties and a setting changes. All outlive this.
  struct Parts {
    SettingsKeeper& settings;
    DatabaseLink& database;
    ZeroDowntimeScheduler& scheduler;
    Operations& operations;
  };
  void add_to(component::Runtime& runtime, Parts parts);
  // For state that a service keeps in memory.
  void on_reset(std::function<void()> forget) { forgetters_.push_back(std::move(forget)); }

 private:
  struct Setting {
    std::string value, standard;
    // Throws Error{invalid} naming the rule.
    std::function<Task<>(std::string)> apply;
  };
  void add_settings(Parts parts);
  void add_rate(const std::string& name, double MemoryEngine::FailureRates::* rate);
  Task<net::Reply> show_settings(net::Request request);
  Task<net::Reply> change_settings(net::Request request);
  Task<> change(std::string name, std::string value);
  Task<net::Reply> reset(Parts parts, net::Request request);
  Task<> reset_settings();
  // One change at a time.
  Task<net::Reply> alone(Task<net::Reply> work);

  etcd::Client& etcd_;
  MemoryEngine engine_;
  MemoryPublisher publisher_;
  MemoryLogs logs_;
  net::Event free_;
  bool busy_ = false, has_logger_ = true;
  std::optional<net::Endpoint> other_logger_;  // that is asked instead of logs_
  std::map<std::string, Setting> settings_;
  std::vector<std::function<void()>> forgetters_;
};

}  // namespace deis::controller
