#pragma once
// What the people of an app decide about its traffic: health checks, maintenance mode, allow-list,
// how routers treat it. A change needs no release and no new container: it is in force when this returns, on
// every live router.

#include "controller/domain/context.h"
#include "controller/domain/policy_rules.h"

#include <functional>

namespace deis::controller {

class Policies {
 public:
  explicit Policies(Context& context) : context_(context) {}

  // The policy and the config of the live release, which stands in for what nobody decided.
  struct InForce {
    AppPolicy policy;
    StringMap config;
  };
  Task<InForce> get(App app);
  Task<AppPolicy> own(App app);  // without the config

  // Each throws ValidationError, and Error{unavailable} when the change is stored but not every router has
  // it.
  Task<InForce> change_healthchecks(App app, User by, TypePatch patch);
  Task<AppPolicy> change_maintenance(App app, User by, MaintenanceChange change);
  Task<AppPolicy> change_routing(App app, User by, Patch patch);
  Task<InForce> change_allowlist(App app, User by, std::optional<std::vector<IpNetwork>> addresses);

 private:
  using Edit = std::function<void(AppPolicy&)>;
  Task<AppPolicy> change(App app, std::string told, Edit edit);
  Task<AppPolicy> write(App app, Edit edit);
  Task<AppPolicy> write_and_publish(App app, std::string told, Edit edit);

  Context& context_;
};

}  // namespace deis::controller
