#pragma once
// One-off commands (contract api.md §3.11, §5.7). They hold no lock: a deploy may go on beside them.

#include "controller/domain/context.h"
#include "controller/domain/model.h"

#include <set>

namespace deis::controller {

class Runs {
 public:
  explicit Runs(Context& context) : context_(context) {}

  // Error{invalid} when nothing is deployed, Error{unavailable} when it could not be started.
  Task<RunResult> run(App app, User by, std::string command);

 private:
  Task<RunResult> run_numbered(App app, std::string command, int num);

  Context& context_;
  std::set<std::pair<AppId, int>> under_way_;
};

}  // namespace deis::controller
