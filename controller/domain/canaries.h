#pragma once
// A canary: a release of the app, older or newer than the live one, that runs beside it and gets a part of
// the requests, until it is promoted to everybody or aborted. While it is on, no other release can be made.

#include "controller/domain/context.h"
#include "controller/domain/model.h"
#include "controller/events/cause.h"

namespace deis::controller {

// What a request wants the canary to be. What it does not name stays; a new one needs release and weight.
struct CanaryChange {
  std::optional<std::int64_t> release, weight, count;  // count: containers of each type; 1 when new
};

class Canaries {
 public:
  explicit Canaries(Context& context) : context_(context) {}

  struct State {
    std::int64_t live = 0;
    std::optional<AppCanary> canary;
    std::vector<JobStatus> containers;  // of the canary; those that the engine does not know are initialized
  };
  Task<State> get(App app);

  // Returns when its containers are healthy and every router sends its part to them. Error{conflict} when
  // another release is the canary; Error{not_found} for a release that is not there; Error{unavailable} with
  // the reason when it does not come up: then everything is as before.
  Task<State> set(App app, User by, CanaryChange change, Cause cause);
  // Returns when no router sends to it; its containers end behind the answer.
  Task<> abort(App app, User by, Cause cause);  // Error{not_found}
  // The canary's release as a new one, for everybody.
  Task<ReleaseBundle> promote(App app, User by, Cause cause);  // Error{not_found}

 private:
  Task<State> set_locked(App app, User by, CanaryChange change, Cause cause);
  Task<> abort_locked(App app, User by, Cause cause);
  Task<ReleaseBundle> promote_locked(App app, User by, Cause cause);

  Context& context_;
};

}  // namespace deis::controller
