#include "controller/api/routes.h"

#include "controller/api/handlers.h"

namespace deis::controller::api {
namespace {

// To come at its place: /v1/apps/{app}/events.
constexpr Route kRoutes[] = {
    {"GET", "/v1", Who::user, show_root},
    {"GET", "/v1/openapi.json", Who::anyone, show_openapi},

    {"POST", "/v1/auth/register", Who::anyone, register_user},  // the registration mode decides
    {"POST", "/v1/auth/login", Who::anyone, log_in},
    {"DELETE", "/v1/auth/cancel", Who::user, cancel_account},
    {"POST", "/v1/auth/passwd", Who::user, change_password},
    {"POST", "/v1/auth/tokens", Who::user, regenerate_token},

    {"GET", "/v1/users", Who::admin, list_users},
    {"GET", "/v1/admin/perms", Who::admin, list_admins},
    {"POST", "/v1/admin/perms", Who::admin, grant_admin},
    {"DELETE", "/v1/admin/perms/{username}", Who::admin, revoke_admin},

    {"GET", "/v1/keys", Who::user, list_keys},
    {"POST", "/v1/keys", Who::user, add_key},
    {"GET", "/v1/keys/{id...}", Who::user, show_key},
    {"DELETE", "/v1/keys/{id...}", Who::user, remove_key},

    {"GET", "/v1/certs", Who::user, list_certs},
    {"POST", "/v1/certs", Who::user, add_cert},
    {"GET", "/v1/certs/{name}", Who::user, show_cert},
    {"DELETE", "/v1/certs/{name}", Who::user, remove_cert},

    {"GET", "/v1/apps", Who::user, list_apps},
    {"POST", "/v1/apps", Who::user, create_app},
    {"GET", "/v1/apps/{app}", Who::member, show_app},
    {"POST", "/v1/apps/{app}", Who::member, update_app},
    {"DELETE", "/v1/apps/{app}", Who::owner, destroy_app},
    {"GET", "/v1/apps/{app}/logs", Who::member, show_logs},
    {"POST", "/v1/apps/{app}/run", Who::member, run_command},

    {"GET", "/v1/apps/{app}/config", Who::member, show_config},
    {"POST", "/v1/apps/{app}/config", Who::member, change_config},
    {"GET", "/v1/apps/{app}/builds", Who::member, list_builds},
    {"POST", "/v1/apps/{app}/builds", Who::member, create_build},
    {"GET", "/v1/apps/{app}/builds/{uuid}", Who::member, show_build},
    {"GET", "/v1/apps/{app}/releases", Who::member, list_releases},
    {"POST", "/v1/apps/{app}/releases/rollback", Who::member, roll_back},
    {"GET", "/v1/apps/{app}/releases/{version}", Who::member, show_release},
    {"GET", "/v1/apps/{app}/releases/{version}/config", Who::member, show_release_config},

    {"POST", "/v1/apps/{app}/scale", Who::member, scale_app},
    {"GET", "/v1/apps/{app}/containers", Who::member, list_containers},
    {"POST", "/v1/apps/{app}/containers/restart", Who::member, restart_containers},
    {"GET", "/v1/apps/{app}/containers/{type}", Who::member, list_containers_of_type},
    {"POST", "/v1/apps/{app}/containers/{type}/restart", Who::member, restart_containers},
    {"GET", "/v1/apps/{app}/containers/{type}/{num}", Who::member, show_container},
    {"POST", "/v1/apps/{app}/containers/{type}/{num}/restart", Who::member, restart_containers},

    {"GET", "/v1/apps/{app}/processes", Who::member, list_processes},

    {"GET", "/v1/apps/{app}/domains", Who::member, list_domains},
    {"POST", "/v1/apps/{app}/domains", Who::member, add_domain},
    {"DELETE", "/v1/apps/{app}/domains/{domain}", Who::owner, remove_domain},

    {"GET", "/v1/apps/{app}/perms", Who::member, list_collaborators},
    {"POST", "/v1/apps/{app}/perms", Who::owner, grant_collaborator},
    {"DELETE", "/v1/apps/{app}/perms/{username}", Who::member, revoke_collaborator},  // owner, or himself

    {"GET", "/v1/hooks/apps/{id}", Who::builder, hook_app},
    {"POST", "/v1/hooks/key", Who::builder, hook_key},
    {"POST", "/v1/hooks/push", Who::builder, hook_push},
    {"POST", "/v1/hooks/build", Who::builder, hook_build},
    {"POST", "/v1/hooks/builds", Who::builder, hook_build},
    {"POST", "/v1/hooks/config", Who::builder, hook_config},
};

}  // namespace

std::span<const Route> all_routes() {
  return kRoutes;
}

}  // namespace deis::controller::api
