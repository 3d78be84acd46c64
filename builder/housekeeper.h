#pragma once
// git's housekeeping of the repositories, after pushes: one at a time, and never beside a push to the same
// app, which ends it. What was ended or failed is done after the next push.

#include "builder/repositories.h"
#include "core/base/log.h"
#include "core/net/event.h"
#include "core/net/task_group.h"

#include <set>

namespace deis::builder {

class Housekeeper {
 public:
  Housekeeper(Executor executor, Repositories& repositories, Log log);

  // A push to the app is over: git told so by its post-receive hook.
  void note(const AppId& app);
  // Somebody comes to the app's repository: returns when nothing is at work in it any more.
  Task<> make_way(AppId app);
  Task<> run();  // a part of the daemon

 private:
  Task<> collect(AppId app);

  Executor executor_;
  Repositories& repositories_;
  Log log_;
  std::set<AppId> waiting_;
  std::optional<AppId> current_;
  net::TaskGroup work_;  // on the current one
  net::Event hint_, ended_;
};

}  // namespace deis::builder
