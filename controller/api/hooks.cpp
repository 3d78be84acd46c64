// What the builder asks and tells (contract api.md §3.20). It acts for the user that pushed: `receive_user`,
// on `receive_repo`.

#include "controller/api/body.h"
#include "controller/api/build_body.h"
#include "controller/api/handlers.h"
#include "controller/api/response.h"
#include "controller/api/serializers.h"
#include "controller/domain/services.h"
#include "core/json/json.h"

namespace deis::controller::api {
namespace {

constexpr std::size_t kMaximumSha = 40;
constexpr std::size_t kMaximumText = 255;
constexpr std::size_t kMaximumPushedKey = 16 * 1024;

struct Pusher {
  User user;
  App app;
};

// Who pushes to what, allowed to. Throws Error{not_found} when either does not exist, Error{forbidden}.
// For the audit log he is the caller.
Task<Pusher> pusher_in(Services& services, Call& call) {
  Fields fields(call.body);
  const std::string name = fields.required("receive_user", kMaximumText);
  const std::string repository = fields.required("receive_repo", kMaximumText);
  fields.check();
  const User user = co_await services.users.get(name);
  call.caller = user;
  std::optional<AppId> id;
  try {
    id = AppId::parse(repository);
  } catch (const Error&) {
    throw not_found();
  }
  const auto access = co_await services.apps.find_for(*id, user);
  if (!access) throw not_found();
  const bool owner = user.is_superuser || access->app.owner == user.username.str();
  call.app = access->app;
  if (!owner && !access->is_collaborator) throw forbidden();
  co_return Pusher{.user = user, .app = access->app};
}

std::optional<CommitSha> commit_asked_for(const net::Request& request) {
  for (const auto& [name, value] : net::parse_form(request.query())) {
    if (name == "sha") return CommitSha::parse(value);
  }
  return std::nullopt;
}

void add_release(json::object& body, const Release& release, const App& app, const std::string& domain) {
  body["release"] = json::object{{"version", release.version}};
  body["domains"] = json::array{app.id.str() + "." + domain};
}

}  // namespace

// Our own. The builder removes a repository only on this answer: the 404 names the app, which that of an
// unknown path does not. And an image that it has pushed only when `?sha=` is answered with "release": null.
Task<net::Reply> hook_app(Services& services, Call& call) {
  const AppId id = AppId::parse(call.parameter("id"));
  const std::optional<CommitSha> sha = commit_asked_for(call.request);
  const std::optional<App> app = co_await services.apps.find(id);
  json::object body;
  body["app"] = id.str();
  if (!app) {
    body["detail"] = "Not found";
    co_return net::Reply::json(404, json::to_text(body));
  }
  if (sha) {
    const auto release = co_await services.releases.of_commit(*app, *sha);
    body["release"] = nullptr;
    if (release) add_release(body, *release, *app, services.settings.domain);
  }
  co_return ok(body);
}

// Our own: sshd's key look-up. Whose public key is this?
Task<net::Reply> hook_key(Services& services, Call& call) {
  Fields fields(call.body);
  const std::string text = fields.required("public", kMaximumPushedKey, Lines::many);
  fields.check();
  const Key key = co_await services.keys.find_by_public(text);
  json::object body;
  body["username"] = key.owner;
  body["fingerprint"] = key.fingerprint;
  body["public"] = key.public_key;
  co_return ok(body);
}

Task<net::Reply> hook_push(Services& services, Call& call) {
  const Pusher pusher = co_await pusher_in(services, call);
  Fields fields(call.body);
  Push push{
      .sha = fields.required("sha", kMaximumSha),
      .fingerprint = fields.required("fingerprint", kMaximumText),
      .receive_user = fields.required("receive_user", kMaximumText),
      .receive_repo = fields.required("receive_repo", kMaximumText),
      .ssh_connection = fields.required("ssh_connection", kMaximumText),
      .ssh_original_command = fields.required("ssh_original_command", kMaximumText)};
  fields.check();
  const Push recorded = co_await services.pushes.record(pusher.app, std::move(push));
  co_return created(to_json(recorded));
}

Task<net::Reply> hook_build(Services& services, Call& call) {
  const Pusher pusher = co_await pusher_in(services, call);
  NewBuild build = read_build(call.body);
  Fields fields(call.body);
  const auto canary = read_canary_wish(fields);
  fields.check();
  const ReleaseBundle made = co_await services.releases.deploy_build(
      pusher.app, pusher.user, std::move(build), canary, call.cause());
  json::object body;
  add_release(body, made.release, pusher.app, services.settings.domain);
  co_return ok(body);
}

Task<net::Reply> hook_config(Services& services, Call& call) {
  const Pusher pusher = co_await pusher_in(services, call);
  const ReleaseBundle current = co_await services.releases.current(pusher.app);
  co_return ok(to_json(current.config));
}

}  // namespace deis::controller::api
