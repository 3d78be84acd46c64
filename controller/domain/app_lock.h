#pragma once
// One mutating operation per app at a time: deploys, config changes, scaling, rollback, restart, transfer,
// destruction, and the reconciler. Loop thread only.

#include "core/base/error.h"
#include "core/base/names.h"
#include "core/net/event.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>

namespace deis::controller {

// Answered 409 {"error": ...} (contract api.md §3.12).
class AppBusy : public Error {
 public:
  explicit AppBusy(const AppId& app);
};

class AppLocks {
 public:
  explicit AppLocks(Executor executor);
  AppLocks(const AppLocks&) = delete;

  // Holds the app's lock until it is destroyed. Must not outlive the AppLocks.
  class Guard {
   public:
    Guard(Guard&& other) noexcept;
    Guard& operator=(Guard&&) = delete;
    ~Guard();

   private:
    friend class AppLocks;
    Guard(AppLocks* locks, AppId app) : locks_(locks), app_(std::move(app)) {}
    AppLocks* locks_;
    AppId app_;
  };

  // Throws AppBusy when somebody else still holds it at the deadline.
  Task<Guard> lock(AppId app, Deadline deadline);
  std::optional<Guard> try_lock(const AppId& app);

 private:
  void unlock(const AppId& app);

  Executor executor_;
  std::map<AppId, std::shared_ptr<net::Event>> held_;  // the event tells waiters that it was released
};

// try_lock() for those that need not know us: the lock is held as long as the pointer lives, null when the
// app is busy.
std::function<std::shared_ptr<void>(const AppId&)> shared_try_lock(AppLocks& locks);

}  // namespace deis::controller
