#pragma once
// Makes cluster and routes equal to PostgreSQL: at start, every 30 s, and when told that something differs.
// It looks at everything without a lock; where there is a difference it takes the app's lock, looks again
// (what is there first, what is wanted second: so whatever was made by a finished operation is also wanted),
// and acts. An app that somebody else is changing is left for the next look. Nothing is removed when
// PostgreSQL, etcd or the engine could not be read, and containers of an app that PostgreSQL does not know
// only after two complete looks that agree. Destructions of apps that were begun are finished.

#include "controller/scheduler/reconcile_plan.h"
#include "controller/scheduler/zero_downtime_scheduler.h"
#include "core/net/event.h"

#include <functional>
#include <memory>

namespace deis::controller {

struct ReconcilerOptions {
  std::chrono::milliseconds every = std::chrono::seconds(30);
  std::chrono::milliseconds again_after = std::chrono::seconds(1);  // a difference; doubles up to `every`
  std::size_t parallel = 4;                                         // apps at the same time
};

class Reconciler {
 public:
  // Holds the app's lock as long as what it returns lives; null when the app is busy.
  using TryLock = std::function<std::shared_ptr<void>(const AppId&)>;

  Reconciler(
      ZeroDowntimeScheduler& scheduler,
      etcd::Client& etcd,
      ReadWanted read_wanted,
      TryLock try_lock,
      ReconcilerOptions options = {});

  // Finishes the destruction of apps that PostgreSQL says shall not be; true when none is left.
  using FinishDestructions = std::function<Task<bool>()>;
  void also_finish(FinishDestructions destructions) { finish_destructions_ = std::move(destructions); }

  Task<> run();
  void notify() { wake_.notify(); }  // look now
  // One look with its actions; true when nothing differed.
  Task<bool> pass();

 private:
  Task<Actual> look(std::optional<AppId> app);
  Task<> converge(AppId app);
  Task<> apply(AppPlan plan);
  Task<> expel_app(AppId app);
  Task<> expel(Strangers strangers);

  ZeroDowntimeScheduler& scheduler_;
  Cluster& cluster_;
  etcd::Client& etcd_;
  ReadWanted read_wanted_;
  TryLock try_lock_;
  FinishDestructions finish_destructions_;
  ReconcilerOptions options_;
  net::Event wake_;
  Strangers strangers_;  // of the last complete look
};

}  // namespace deis::controller
