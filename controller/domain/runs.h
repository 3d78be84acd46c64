#pragma once
// One-off commands (contract api.md §3.11, §5.7). They hold no lock: a deploy may go on beside them.

#include "controller/domain/context.h"
#include "controller/domain/model.h"
#include "core/base/error.h"

#include <memory>
#include <set>

namespace deis::controller {

// In the app's log: the engine could not start a command.
void tell_failed_run(const AppLog& log, const AppId& app, const Error& error);

class Runs {
 public:
  explicit Runs(Context& context) : context_(context), numbers_(std::make_shared<Numbers>()) {}

  // Error{invalid} when nothing is deployed, Error{unavailable} when it could not be started.
  Task<RunResult> run(App app, User by, std::string command);

  // What a run of `command` on the live release is, written to the app's log. Its number is nobody else's as
  // long as `number` lives. Error{invalid} when nothing is deployed.
  struct Prepared {
    std::shared_ptr<void> number;
    JobSpec job;
  };
  Task<Prepared> prepare(App app, User by, std::string command);

 private:
  using Numbers = std::set<std::pair<AppId, int>>;
  Task<RunResult> run_prepared(Prepared prepared);

  Context& context_;
  std::shared_ptr<Numbers> numbers_;  // of runs under way
};

}  // namespace deis::controller
