// The canary of an app: a release beside the live one. Ours, beyond v1.7.

#include "controller/api/body.h"
#include "controller/api/handlers.h"
#include "controller/api/response.h"
#include "controller/domain/services.h"
#include "core/base/text.h"
#include "core/base/time.h"
#include "core/json/json.h"

#include <fmt/format.h>

namespace deis::controller::api {
namespace {

json::object container_json(const JobStatus& status) {
  return {
      {"name", fmt::format("{}.{}", status.name.type.str(), status.name.num)},
      {"state", name_of(status.state)},
      {"host", status.node},
      {"restarts", status.failures},
      {"detail", to_valid_utf8(status.detail)}};
}

json::object canary_json(const Canaries::State& state) {
  json::object body{
      {"release", nullptr},
      {"live", state.live},
      {"weight", 0},
      {"owner", nullptr},
      {"created", nullptr},
      {"updated", nullptr}};
  json::array containers;
  for (const auto& status : state.containers) containers.push_back(container_json(status));
  body["containers"] = std::move(containers);
  if (!state.canary) return body;
  body["release"] = state.canary->release;
  body["weight"] = state.canary->weight;
  body["owner"] = state.canary->owner;
  body["created"] = format_utc(state.canary->created);
  body["updated"] = format_utc(state.canary->updated);
  return body;
}

}  // namespace

Task<net::Reply> show_canary(Services& services, Call& call) {
  const Canaries::State state = co_await services.canaries.get(call.the_app());
  co_return ok(canary_json(state));
}

Task<net::Reply> set_canary(Services& services, Call& call) {
  Fields fields(call.body);
  CanaryChange change{
      .release = fields.number("release"),
      .weight = fields.number("weight"),
      .count = fields.number("count")};
  fields.check();
  const Canaries::State state =
      co_await services.canaries.set(call.the_app(), call.user(), std::move(change), call.cause());
  co_return created(canary_json(state));
}

Task<net::Reply> abort_canary(Services& services, Call& call) {
  co_await services.canaries.abort(call.the_app(), call.user(), call.cause());
  co_return empty(204);
}

Task<net::Reply> promote_canary(Services& services, Call& call) {
  const ReleaseBundle made = co_await services.canaries.promote(call.the_app(), call.user(), call.cause());
  json::object body;
  body["version"] = made.release.version;
  net::Reply reply = created(body);
  set_release(reply, made.release.version);
  co_return reply;
}

}  // namespace deis::controller::api
