#pragma once
// Releases and what makes a new one: builds, config changes, rollbacks (contract api.md §3.12 - §3.14, §5). A
// release exists for everybody else only when its containers serve: it is written to the database after the
// roll-out, so a failed one leaves nothing behind and its number is free again.

#include "controller/domain/build_rules.h"
#include "controller/domain/canary_rules.h"
#include "controller/domain/config_rules.h"
#include "controller/domain/context.h"
#include "controller/domain/model.h"
#include "controller/domain/page.h"
#include "controller/events/cause.h"

namespace deis::controller {

class Releases {
 public:
  explicit Releases(Context& context) : context_(context) {}

  Task<Page<Release>> list(App app, PageRequest page);  // newest first
  Task<Release> get(App app, std::int64_t version);     // Error{not_found}
  Task<ReleaseBundle> current(App app);                 // the live one, with its config and build
  // The newest that was made of the commit, held ones included; nullopt: there is none, and no change is
  // under way that could still make it. AppBusy when one is.
  Task<std::optional<Release>> of_commit(App app, CommitSha sha);
  Task<Page<Build>> list_builds(App app, PageRequest page);  // newest first
  Task<Build> get_build(App app, std::string uuid);          // Error{not_found}

  // Each makes the next release, rolls it out and answers it when it serves. Error{unavailable} with the
  // reason when it does not; AppBusy when another change is under way; Error{conflict} when a canary is on.
  // With `canary` the release is held: it runs beside the live one, which stays the live one.
  Task<ReleaseBundle> deploy_build(
      App app, User by, NewBuild build, std::optional<CanaryWish> canary, Cause cause);
  Task<ReleaseBundle> change_config(
      App app, User by, ConfigPatch patch, std::optional<CanaryWish> canary, Cause cause);
  // Without `target` the release that was live before the current one.
  Task<ReleaseBundle> roll_back(App app, User by, std::optional<std::int64_t> target, Cause cause);

 private:
  Task<ReleaseBundle> deploy_build_locked(
      App app, User by, NewBuild build, std::optional<CanaryWish> canary, Cause cause);
  Task<ReleaseBundle> change_config_locked(
      App app, User by, ConfigPatch patch, std::optional<CanaryWish> canary, Cause cause);
  Task<ReleaseBundle> roll_back_locked(App app, User by, std::optional<std::int64_t> target, Cause cause);

  Context& context_;
};

}  // namespace deis::controller
