// Apps, their logs and one-off commands (contract api.md §3.8, §3.10, §3.11).

#include "controller/api/body.h"
#include "controller/api/handlers.h"
#include "controller/api/pagination.h"
#include "controller/api/response.h"
#include "controller/api/serializers.h"
#include "controller/domain/services.h"
#include "core/base/text.h"
#include "core/json/json.h"

namespace deis::controller::api {
namespace {

constexpr std::size_t kMaximumOwner = 30;
constexpr std::size_t kMaximumId = 64;
constexpr std::size_t kMaximumCommand = 16 * 1024;
constexpr std::int64_t kDefaultLogLines = 1000;
constexpr std::int64_t kMaximumLogLines = 100'000;
constexpr std::int64_t kNonsenseLogLines = 100;  // what one always got for a number that is none

std::int64_t log_lines(const net::Request& request) {
  for (const auto& [name, value] : net::parse_form(request.query())) {
    if (name != "log_lines") continue;
    const auto lines = parse_int(value);
    return lines && *lines > 0 ? std::min(*lines, kMaximumLogLines) : kNonsenseLogLines;
  }
  return kDefaultLogLines;
}

}  // namespace

Task<net::Reply> list_apps(Services& services, Call& call) {
  const PageRequest asked = read_page(call.request);
  const bool limited = call.token && !call.token->apps.empty();
  Page<App> page;
  if (limited) {
    page = co_await services.apps.list_some(call.user(), call.token->apps, asked);
  } else {
    page = co_await services.apps.list(call.user(), asked);
  }
  auto serialize = [&](const App& app) { return to_text(app, services.settings.domain); };
  co_return ok(page_body(call.request, asked, page, serialize));
}

Task<net::Reply> create_app(Services& services, Call& call) {
  std::optional<AppId> id;
  Fields fields(call.body);
  if (fields.has("id")) {
    const std::string text = fields.required("id", kMaximumId);
    fields.check();
    id = AppId::parse(text);
  }
  call.app = co_await services.apps.create(call.user(), id);
  co_return created(to_json(call.the_app(), services.settings.domain));
}

Task<net::Reply> show_app(Services& services, Call& call) {
  co_return ok(to_json(call.the_app(), services.settings.domain));
}

Task<net::Reply> update_app(Services& services, Call& call) {
  Fields fields(call.body);
  if (!fields.has("owner")) co_return empty(200);
  const bool may = call.user().is_superuser || call.the_app().owner == call.user().username.str();
  if (!may) throw forbidden();
  const std::string name = fields.required("owner", kMaximumOwner);
  fields.check();
  const User owner = co_await services.users.get(name);
  co_await services.apps.transfer(call.the_app(), owner);
  co_return empty(200);
}

Task<net::Reply> destroy_app(Services& services, Call& call) {
  co_await services.apps.destroy(call.the_app(), call.cause());
  co_return empty(204);
}

Task<net::Reply> show_logs(Services& services, Call& call) {
  const std::string app = call.the_app().id.str();
  try {
    auto lines = co_await services.logs.tail(call.the_app().id, log_lines(call.request));
    if (!lines) co_return empty(204);
    net::Reply reply = net::Reply::text(200, std::move(*lines));
    reply.headers.set("Content-Type", "text/plain");
    co_return reply;
  } catch (const Error& error) {
    call.log.warning("cannot read log lines", {{"app", app}, {"error", error.what()}});
  }
  net::Reply reply = net::Reply::text(500, "Error accessing logs for " + app);
  reply.headers.set("Content-Type", "text/plain");
  co_return reply;
}

Task<net::Reply> run_command(Services& services, Call& call) {
  if (!services.settings.allows_runs)
    throw Error(ErrorCode::invalid, "Support for admin commands is not configured");
  if (wants_attached_run(call)) co_return co_await start_attached_run(services, call);
  Fields fields(call.body);
  const std::string command = fields.required("command", kMaximumCommand, Lines::many);
  fields.check();
  const RunResult result = co_await services.runs.run(call.the_app(), call.user(), command);
  json::array body;
  body.push_back(result.exit_code);
  body.push_back(json::value(to_valid_utf8(result.output)));
  net::Reply reply = ok(body);
  reply.headers.set("Content-Type", "text/plain");
  co_return reply;
}

}  // namespace deis::controller::api
