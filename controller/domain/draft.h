#pragma once
// The next release of an app from what it is made of to rows: rolled out, or held as a canary. What Releases
// and Canaries share; whoever calls holds the app's lock.

#include "controller/domain/canary_rules.h"
#include "controller/domain/context.h"
#include "controller/domain/model.h"
#include "controller/events/progress.h"
#include "controller/storage/canaries.h"

namespace deis::controller {

// What the next release of an app is made of, before it has a row.
struct Draft {
  App app;
  ReleaseBundle current, next;  // current: the live one
  bool has_new_config = false;
  std::optional<AppCanary> canary;  // that is on
};

// The same as the current release, under the next number. Error{not_found} when the app is gone.
Task<Draft> begin_draft(Context& context, App app, const User& by);
// Error{conflict} when a canary is on.
void check_no_canary(const Draft& draft);
// The draft's release gets config and build of an existing one.
void take_over(Draft& draft, const ReleaseBundle& other);

// What every roll-out of the app needs to know: its health checks, its log, who follows.
Task<> prepare(Context& context, RolloutPlan& plan, Progress& progress);

// Rolls it out and writes it; a canary that is on ends with the switch. Nothing stays behind when it throws.
Task<ReleaseBundle> deploy(Context& context, Draft draft, std::shared_ptr<Progress> progress);
// Runs it as a canary beside the live release, and writes it as one that is held.
Task<ReleaseBundle> hold(Context& context, Draft draft, CanaryWish wish, std::shared_ptr<Progress> progress);

}  // namespace deis::controller
