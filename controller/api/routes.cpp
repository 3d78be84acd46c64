#include "controller/api/routes.h"

#include "controller/api/handlers.h"

#include <algorithm>
#include <string_view>

namespace deis::controller::api {
namespace {

// clang-format off: one route, one line
constexpr Route kRoutes[] = {
    {"GET", "/v1", Who::user, Scope::read, kReads, show_root},
    {"GET", "/v1/openapi.json", Who::anyone, Scope::none, kReads, show_openapi},

    {"POST", "/v1/auth/register", Who::anyone, Scope::none, "user.register", register_user},  // the registration mode decides
    {"POST", "/v1/auth/login", Who::anyone, Scope::none, "user.login", log_in},
    {"DELETE", "/v1/auth/cancel", Who::user, Scope::admin, "user.cancel", cancel_account},
    {"POST", "/v1/auth/passwd", Who::user, Scope::session, "user.password", change_password},
    {"POST", "/v1/auth/tokens", Who::user, Scope::session, "user.token", regenerate_token},

    {"GET", "/v1/tokens", Who::user, Scope::read, kReads, list_tokens},
    {"POST", "/v1/tokens", Who::user, Scope::session, "token.create", make_token},
    {"DELETE", "/v1/tokens/{id}", Who::user, Scope::admin, "token.revoke", revoke_token},
    {"GET", "/v1/audit", Who::admin, Scope::read, kReads, list_audit},

    {"GET", "/v1/users", Who::admin, Scope::read, kReads, list_users},
    {"GET", "/v1/admin/perms", Who::admin, Scope::read, kReads, list_admins},
    {"POST", "/v1/admin/perms", Who::admin, Scope::admin, "admin.grant", grant_admin},
    {"DELETE", "/v1/admin/perms/{username}", Who::admin, Scope::admin, "admin.revoke", revoke_admin},

    {"GET", "/v1/keys", Who::user, Scope::read, kReads, list_keys},
    {"POST", "/v1/keys", Who::user, Scope::admin, "key.add", add_key},
    {"GET", "/v1/keys/{id...}", Who::user, Scope::read, kReads, show_key},
    {"DELETE", "/v1/keys/{id...}", Who::user, Scope::admin, "key.remove", remove_key},

    {"GET", "/v1/certs", Who::user, Scope::read, kReads, list_certs},
    {"POST", "/v1/certs", Who::user, Scope::admin, "cert.add", add_cert},
    {"GET", "/v1/certs/{name}", Who::user, Scope::read, kReads, show_cert},
    {"DELETE", "/v1/certs/{name}", Who::user, Scope::admin, "cert.remove", remove_cert},
    {"GET", "/v1/apps/{app}/certs/auto", Who::member, Scope::read, kReads, list_auto_certs},
    {"POST", "/v1/apps/{app}/certs/auto", Who::member, Scope::admin, "cert.auto", want_auto_cert},
    {"DELETE", "/v1/apps/{app}/certs/auto/{domain}", Who::member, Scope::admin, "cert.manual", leave_auto_cert},

    {"GET", "/v1/routes", Who::user, Scope::read, kReads, trace_route},  // of apps that he sees

    {"GET", "/v1/apps", Who::user, Scope::read, kReads, list_apps},
    {"POST", "/v1/apps", Who::user, Scope::admin, "app.create", create_app},
    {"GET", "/v1/apps/{app}", Who::member, Scope::read, kReads, show_app},
    {"POST", "/v1/apps/{app}", Who::member, Scope::admin, "app.update", update_app},
    {"DELETE", "/v1/apps/{app}", Who::owner, Scope::admin, "app.destroy", destroy_app},
    {"GET", "/v1/apps/{app}/audit", Who::member, Scope::read, kReads, list_app_audit},
    {"GET", "/v1/apps/{app}/logs", Who::member, Scope::read, kReads, show_logs},
    {"GET", "/v1/apps/{app}/events", Who::member, Scope::read, kReads, follow_events, "text/event-stream"},
    {"POST", "/v1/apps/{app}/run", Who::member, Scope::deploy, "app.run", run_command},
    {"GET", "/v1/apps/{app}/run/{session}", Who::member, Scope::deploy, kReads, attach_run},

    {"GET", "/v1/apps/{app}/config", Who::member, Scope::read, kReads, show_config},
    {"POST", "/v1/apps/{app}/config", Who::member, Scope::deploy, "config.change", change_config},
    {"GET", "/v1/apps/{app}/limits", Who::member, Scope::read, kReads, show_limits},
    {"POST", "/v1/apps/{app}/limits", Who::member, Scope::deploy, "limits.change", change_limits},
    {"GET", "/v1/apps/{app}/healthchecks", Who::member, Scope::read, kReads, show_healthchecks},
    {"POST", "/v1/apps/{app}/healthchecks", Who::member, Scope::deploy, "healthchecks.change", change_healthchecks},
    {"GET", "/v1/apps/{app}/maintenance", Who::member, Scope::read, kReads, show_maintenance},
    {"POST", "/v1/apps/{app}/maintenance", Who::member, Scope::admin, "maintenance.change", change_maintenance},
    {"GET", "/v1/apps/{app}/allowlist", Who::member, Scope::read, kReads, show_allowlist},
    {"POST", "/v1/apps/{app}/allowlist", Who::member, Scope::admin, "allowlist.change", change_allowlist},
    {"GET", "/v1/apps/{app}/routes", Who::member, Scope::read, kReads, show_routing},
    {"POST", "/v1/apps/{app}/routes", Who::member, Scope::deploy, "routes.change", change_routing},
    {"GET", "/v1/apps/{app}/builds", Who::member, Scope::read, kReads, list_builds},
    {"POST", "/v1/apps/{app}/builds", Who::member, Scope::deploy, "build.create", create_build},
    {"GET", "/v1/apps/{app}/builds/{uuid}", Who::member, Scope::read, kReads, show_build},
    {"GET", "/v1/apps/{app}/releases", Who::member, Scope::read, kReads, list_releases},
    {"POST", "/v1/apps/{app}/releases/rollback", Who::member, Scope::deploy, "release.rollback", roll_back},
    {"GET", "/v1/apps/{app}/releases/{version}", Who::member, Scope::read, kReads, show_release},
    {"GET", "/v1/apps/{app}/releases/{version}/config", Who::member, Scope::read, kReads, show_release_config},
    {"GET", "/v1/apps/{app}/canary", Who::member, Scope::read, kReads, show_canary},
    {"POST", "/v1/apps/{app}/canary", Who::member, Scope::deploy, "canary.set", set_canary},
    {"DELETE", "/v1/apps/{app}/canary", Who::member, Scope::deploy, "canary.abort", abort_canary},
    {"POST", "/v1/apps/{app}/canary/promote", Who::member, Scope::deploy, "canary.promote", promote_canary},

    {"POST", "/v1/apps/{app}/scale", Who::member, Scope::deploy, "app.scale", scale_app},
    {"GET", "/v1/apps/{app}/containers", Who::member, Scope::read, kReads, list_containers},
    {"POST", "/v1/apps/{app}/containers/restart", Who::member, Scope::deploy, "app.restart", restart_containers},
    {"GET", "/v1/apps/{app}/containers/{type}", Who::member, Scope::read, kReads, list_containers_of_type},
    {"POST", "/v1/apps/{app}/containers/{type}/restart", Who::member, Scope::deploy, "app.restart", restart_containers},
    {"GET", "/v1/apps/{app}/containers/{type}/{num}", Who::member, Scope::read, kReads, show_container},
    {"POST", "/v1/apps/{app}/containers/{type}/{num}/restart", Who::member, Scope::deploy, "app.restart", restart_containers},
    {"GET", "/v1/apps/{app}/processes", Who::member, Scope::read, kReads, list_processes},

    {"GET", "/v1/apps/{app}/domains", Who::member, Scope::read, kReads, list_domains},
    {"POST", "/v1/apps/{app}/domains", Who::member, Scope::admin, "domain.add", add_domain},
    {"DELETE", "/v1/apps/{app}/domains/{domain}", Who::owner, Scope::admin, "domain.remove", remove_domain},

    {"GET", "/v1/apps/{app}/perms", Who::member, Scope::read, kReads, list_collaborators},
    {"POST", "/v1/apps/{app}/perms", Who::owner, Scope::admin, "perm.grant", grant_collaborator},
    {"DELETE", "/v1/apps/{app}/perms/{username}", Who::member, Scope::admin, "perm.revoke", revoke_collaborator},  // owner, or himself

    {"GET", "/v1/hooks/apps/{id}", Who::builder, Scope::none, kReads, hook_app},
    {"POST", "/v1/hooks/key", Who::builder, Scope::none, kReads, hook_key},
    {"POST", "/v1/hooks/push", Who::builder, Scope::none, "push.record", hook_push},
    {"POST", "/v1/hooks/build", Who::builder, Scope::none, "build.push", hook_build},
    {"POST", "/v1/hooks/builds", Who::builder, Scope::none, "build.push", hook_build},
    {"POST", "/v1/hooks/config", Who::builder, Scope::none, kReads, hook_config},
};
// clang-format on

constexpr bool is_for_users(Who who) {
  return who != Who::anyone && who != Who::builder;
}

// A route that forgot its scope would be open to every token, one that forgot its action would change things
// without a record.
constexpr bool is_complete(const Route& route) {
  const bool gets = std::string_view(route.method) == "GET";
  if (is_for_users(route.who) == (route.scope == Scope::none)) return false;
  if (gets) return route.action == kReads && route.scope != Scope::session;
  if (route.scope == Scope::read) return false;
  // Only the builder's POSTs may be questions.
  return route.action != kReads || route.who == Who::builder;
}
static_assert(std::ranges::all_of(kRoutes, is_complete), "a route lacks its scope or its action");

}  // namespace

std::span<const Route> all_routes() {
  return kRoutes;
}

}  // namespace deis::controller::api
