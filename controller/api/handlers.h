#pragma once
// All handlers, grouped by noun as their source files are (apps.cpp ...). routes.cpp is their only caller.

#include "controller/api/call.h"

namespace deis::controller::api {

// accounts.cpp: users and tokens (contract api.md §3.1 - §3.6)
Task<net::Reply> show_root(Services&, Call&);
Task<net::Reply> register_user(Services&, Call&);
Task<net::Reply> log_in(Services&, Call&);
Task<net::Reply> cancel_account(Services&, Call&);
Task<net::Reply> change_password(Services&, Call&);
Task<net::Reply> regenerate_token(Services&, Call&);
Task<net::Reply> list_users(Services&, Call&);

// tokens.cpp: API tokens beside the session token
Task<net::Reply> list_tokens(Services&, Call&);
Task<net::Reply> make_token(Services&, Call&);
Task<net::Reply> revoke_token(Services&, Call&);

// audit.cpp: who changed what
Task<net::Reply> list_audit(Services&, Call&);
Task<net::Reply> list_app_audit(Services&, Call&);

// perms.cpp: administrators and collaborators (§3.7, §3.17)
Task<net::Reply> list_admins(Services&, Call&);
Task<net::Reply> grant_admin(Services&, Call&);
Task<net::Reply> revoke_admin(Services&, Call&);
Task<net::Reply> list_collaborators(Services&, Call&);
Task<net::Reply> grant_collaborator(Services&, Call&);
Task<net::Reply> revoke_collaborator(Services&, Call&);

// keys.cpp (§3.18)
Task<net::Reply> list_keys(Services&, Call&);
Task<net::Reply> add_key(Services&, Call&);
Task<net::Reply> show_key(Services&, Call&);
Task<net::Reply> remove_key(Services&, Call&);

// apps.cpp (§3.8, §3.10, §3.11)
Task<net::Reply> list_apps(Services&, Call&);
Task<net::Reply> create_app(Services&, Call&);
Task<net::Reply> show_app(Services&, Call&);
Task<net::Reply> update_app(Services&, Call&);
Task<net::Reply> destroy_app(Services&, Call&);
Task<net::Reply> show_logs(Services&, Call&);
Task<net::Reply> run_command(Services&, Call&);

// events.cpp: what happens to an app, as it happens
Task<net::Reply> follow_events(Services&, Call&);

// runs.cpp: one-off commands with a terminal
bool wants_attached_run(const Call&);
Task<net::Reply> start_attached_run(Services&, Call&);
Task<net::Reply> attach_run(Services&, Call&);

// releases.cpp: config, builds, releases (§3.12 - §3.14)
Task<net::Reply> show_config(Services&, Call&);
Task<net::Reply> change_config(Services&, Call&);
Task<net::Reply> list_builds(Services&, Call&);
Task<net::Reply> create_build(Services&, Call&);
Task<net::Reply> show_build(Services&, Call&);
Task<net::Reply> list_releases(Services&, Call&);
Task<net::Reply> show_release(Services&, Call&);
Task<net::Reply> roll_back(Services&, Call&);

// canary.cpp: a release beside the live one
Task<net::Reply> show_canary(Services&, Call&);
Task<net::Reply> set_canary(Services&, Call&);
Task<net::Reply> abort_canary(Services&, Call&);
Task<net::Reply> promote_canary(Services&, Call&);

// containers.cpp (§3.9, §3.15)
Task<net::Reply> scale_app(Services&, Call&);
Task<net::Reply> list_containers(Services&, Call&);
Task<net::Reply> list_containers_of_type(Services&, Call&);
Task<net::Reply> show_container(Services&, Call&);
Task<net::Reply> restart_containers(Services&, Call&);  // all, of {type}, or {type} and {num}

// insight.cpp: beyond v1.7
Task<net::Reply> list_processes(Services&, Call&);
Task<net::Reply> show_release_config(Services&, Call&);

// domains.cpp (§3.16)
Task<net::Reply> list_domains(Services&, Call&);
Task<net::Reply> add_domain(Services&, Call&);
Task<net::Reply> remove_domain(Services&, Call&);

// certs.cpp (§3.19)
Task<net::Reply> list_certs(Services&, Call&);
Task<net::Reply> add_cert(Services&, Call&);
Task<net::Reply> show_cert(Services&, Call&);
Task<net::Reply> remove_cert(Services&, Call&);

// auto_certs.cpp: those that the platform gets by itself
Task<net::Reply> list_auto_certs(Services&, Call&);
Task<net::Reply> want_auto_cert(Services&, Call&);
Task<net::Reply> leave_auto_cert(Services&, Call&);

// policies.cpp: health checks, maintenance mode, allow-list, routing
Task<net::Reply> show_healthchecks(Services&, Call&);
Task<net::Reply> change_healthchecks(Services&, Call&);
Task<net::Reply> show_maintenance(Services&, Call&);
Task<net::Reply> change_maintenance(Services&, Call&);
Task<net::Reply> show_routing(Services&, Call&);
Task<net::Reply> change_routing(Services&, Call&);
Task<net::Reply> show_allowlist(Services&, Call&);
Task<net::Reply> change_allowlist(Services&, Call&);

// tracing.cpp: from a host to what serves it
Task<net::Reply> trace_route(Services&, Call&);

// limits.cpp: memory, cpu and pids by process type
Task<net::Reply> show_limits(Services&, Call&);
Task<net::Reply> change_limits(Services&, Call&);

// openapi.cpp: the description of all this
Task<net::Reply> show_openapi(Services&, Call&);

// hooks.cpp: for the builder (§3.20)
Task<net::Reply> hook_app(Services&, Call&);
Task<net::Reply> hook_key(Services&, Call&);
Task<net::Reply> hook_push(Services&, Call&);
Task<net::Reply> hook_build(Services&, Call&);
Task<net::Reply> hook_config(Services&, Call&);

}  // namespace deis::controller::api
