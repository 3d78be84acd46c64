#pragma once
// What all services of the domain work with. Made once by main.cpp (or a test); outlives the services.

#include "controller/domain/app_lock.h"
#include "controller/domain/app_log.h"
#include "controller/domain/operations.h"
#include "controller/domain/patience.h"
#include "controller/domain/platform_settings.h"
#include "controller/events/event_log.h"
#include "controller/scheduler/scheduler.h"
#include "controller/storage/pg/database.h"
#include "core/base/log.h"
#include "core/etcd/client.h"

namespace deis::controller {

struct Context {
  pg::Database& database;
  Scheduler& scheduler;
  etcd::Client& etcd;
  AppLocks& locks;
  Operations& operations;
  const AppLog& app_log;
  EventLog& events;
  const PlatformSettings& settings;
  Log log;
  const Patience& patience = kPatience;
};

// How long one request may keep the database busy.
inline constexpr std::chrono::seconds kQueryLimit{10};
inline Deadline query_deadline() {
  return in(kQueryLimit);
}

}  // namespace deis::controller
