// Config, builds and releases (contract api.md §3.12 - §3.14).

#include "controller/api/body.h"
#include "controller/api/build_body.h"
#include "controller/api/handlers.h"
#include "controller/api/pagination.h"
#include "controller/api/response.h"
#include "controller/api/serializers.h"
#include "controller/domain/services.h"
#include "core/base/text.h"
#include "core/json/json.h"

#include <fmt/format.h>

namespace deis::controller::api {
namespace {

// "v3" -> 3; what is not a version does not exist.
std::int64_t version_in_path(const Call& call) {
  std::string_view text = call.parameter("version");
  if (!text.starts_with('v')) throw not_found();
  const auto version = parse_int(text.substr(1));
  if (!version) throw not_found();
  return *version;
}

// Absent and 0 mean the release before the current one.
std::optional<std::int64_t> rollback_target(const Call& call) {
  const auto* value = call.body.if_contains("version");
  if (!value || value->is_null()) return std::nullopt;
  const auto text = scalar_text(*value);
  const auto version = text ? parse_int(trim(*text)) : std::nullopt;
  if (!version) throw Error(ErrorCode::invalid, "version", "A valid integer is required.");
  if (*version == 0) return std::nullopt;
  return *version;
}

}  // namespace

Task<net::Reply> show_config(Services& services, Call& call) {
  const ReleaseBundle current = co_await services.releases.current(call.the_app());
  co_return ok(to_json(current.config));
}

Task<net::Reply> change_config(Services& services, Call& call) {
  Fields fields(call.body);
  ConfigPatch patch{
      .values = fields.patch("values"),
      .memory = fields.patch("memory"),
      .cpu = fields.patch("cpu"),
      .tags = fields.patch("tags")};
  const auto canary = read_canary_wish(fields);
  fields.check_also([&] { check_patch(patch); });
  fields.check();
  const ReleaseBundle made = co_await services.releases.change_config(
      call.the_app(), call.user(), std::move(patch), canary, call.cause());
  json::object body = to_json(made.config);
  if (made.build) {
    // Only this answer shows them (contract §3.12): clients print which release the change made.
    json::object& values = body["values"].as_object();
    values["DEIS_APP"] = call.the_app().id.str();
    values["DEIS_RELEASE"] = fmt::format("v{}", made.release.version);
  }
  net::Reply reply = created(body);
  set_release(reply, made.release.version);
  co_return reply;
}

Task<net::Reply> list_builds(Services& services, Call& call) {
  const PageRequest asked = read_page(call.request);
  const Page<Build> page = co_await services.releases.list_builds(call.the_app(), asked);
  auto serialize = [](const Build& build) { return to_json(build); };
  co_return ok(page_body(call.request, asked, page, serialize));
}

Task<net::Reply> create_build(Services& services, Call& call) {
  NewBuild build = read_build(call.body);
  Fields fields(call.body);
  const auto canary = read_canary_wish(fields);
  fields.check();
  const ReleaseBundle made = co_await services.releases.deploy_build(
      call.the_app(), call.user(), std::move(build), canary, call.cause());
  net::Reply reply = created(to_json(made.build.value()));
  set_release(reply, made.release.version);
  co_return reply;
}

Task<net::Reply> show_build(Services& services, Call& call) {
  const Build build = co_await services.releases.get_build(call.the_app(), call.parameter("uuid"));
  co_return ok(to_json(build));
}

Task<net::Reply> list_releases(Services& services, Call& call) {
  const PageRequest asked = read_page(call.request);
  const Page<Release> page = co_await services.releases.list(call.the_app(), asked);
  auto serialize = [](const Release& release) { return to_json(release); };
  co_return ok(page_body(call.request, asked, page, serialize));
}

Task<net::Reply> show_release(Services& services, Call& call) {
  const Release release = co_await services.releases.get(call.the_app(), version_in_path(call));
  co_return ok(to_json(release));
}

Task<net::Reply> roll_back(Services& services, Call& call) {
  const auto target = rollback_target(call);
  const ReleaseBundle made =
      co_await services.releases.roll_back(call.the_app(), call.user(), target, call.cause());
  json::object body;
  body["version"] = made.release.version;
  co_return created(body);
}

}  // namespace deis::controller::api
