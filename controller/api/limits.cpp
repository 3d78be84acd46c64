// Memory, cpu and pids by process type. A change is a release: what runs is replaced by what has the limits.

#include "controller/api/handlers.h"
#include "controller/api/response.h"
#include "controller/api/type_body.h"
#include "controller/domain/services.h"
#include "core/json/json.h"

namespace deis::controller::api {
namespace {

json::object limits_body(const Config& config) {
  json::object body;
  for (const auto& [type, limits] : limits_of(config)) {
    json::object object;
    if (limits.memory) object["memory"] = *limits.memory;
    if (limits.cpu) object["cpu"] = *limits.cpu;
    if (limits.pids) object["pids"] = *limits.pids;
    body[type] = std::move(object);
  }
  return body;
}

}  // namespace

Task<net::Reply> show_limits(Services& services, Call& call) {
  const ReleaseBundle current = co_await services.releases.current(call.the_app());
  co_return ok(limits_body(current.config));
}

Task<net::Reply> change_limits(Services& services, Call& call) {
  ConfigPatch patch = limits_patch(read_type_patch(call.body));
  const ReleaseBundle made = co_await services.releases.change_config(
      call.the_app(), call.user(), std::move(patch), std::nullopt, call.cause());
  net::Reply reply = created(limits_body(made.config));
  set_release(reply, made.release.version);
  co_return reply;
}

}  // namespace deis::controller::api
