// Administrators and collaborators (contract api.md §3.7, §3.17).

#include "controller/api/body.h"
#include "controller/api/handlers.h"
#include "controller/api/pagination.h"
#include "controller/api/response.h"
#include "controller/domain/services.h"
#include "core/json/json.h"

namespace deis::controller::api {
namespace {

constexpr std::size_t kMaximumName = 30;

Task<User> user_in_body(Services& services, const Call& call) {
  Fields fields(call.body);
  const std::string name = fields.required("username", kMaximumName);
  fields.check();
  co_return co_await services.users.get(name);
}

json::object admin_json(const User& user) {
  json::object body;
  body["username"] = user.username.str();
  body["is_superuser"] = user.is_superuser;
  return body;
}

}  // namespace

Task<net::Reply> list_admins(Services& services, Call& call) {
  const PageRequest asked = read_page(call.request);
  const Page<User> page = co_await services.users.list_admins(asked);
  co_return ok(page_body(call.request, asked, page, admin_json));
}

Task<net::Reply> grant_admin(Services& services, Call& call) {
  const User user = co_await user_in_body(services, call);
  co_await services.users.set_admin(user, true);
  co_return empty(201);
}

Task<net::Reply> revoke_admin(Services& services, Call& call) {
  const User user = co_await services.users.get(call.parameter("username"));
  co_await services.users.set_admin(user, false);
  co_return empty(204);
}

Task<net::Reply> list_collaborators(Services& services, Call& call) {
  const auto names = co_await services.apps.collaborators(call.the_app());
  json::object body;
  body["users"] = json::to_value(names);
  co_return ok(body);
}

Task<net::Reply> grant_collaborator(Services& services, Call& call) {
  const User target = co_await user_in_body(services, call);
  co_await services.apps.grant(call.the_app(), target, call.user());
  co_return empty(201);
}

Task<net::Reply> revoke_collaborator(Services& services, Call& call) {
  const User target = co_await services.users.get(call.parameter("username"));
  const User& caller = call.user();
  const bool himself = caller.username == target.username;
  const bool owner = caller.is_superuser || call.the_app().owner == caller.username.str();
  if (!himself && !owner) throw forbidden();
  co_await services.apps.revoke(call.the_app(), target, caller);
  co_return empty(204);
}

}  // namespace deis::controller::api
