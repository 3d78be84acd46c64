// GET /v1/apps/{app}/processes and /v1/apps/{app}/releases/{version}/config: ours, beyond v1.7.

#include "controller/api/handlers.h"
#include "controller/api/pagination.h"
#include "controller/api/response.h"
#include "controller/api/serializers.h"
#include "controller/domain/services.h"
#include "controller/domain/validation.h"
#include "core/base/text.h"
#include "core/json/json.h"

namespace deis::controller::api {
namespace {

json::object process_json(const ProcessStatus& process) {
  json::object body = to_json(process.container, process.state);
  body["host"] = process.host;
  body["restarts"] = process.restarts;
  body["detail"] = process.detail;
  return body;
}

}  // namespace

Task<net::Reply> list_processes(Services& services, Call& call) {
  const PageRequest asked = read_page(call.request);
  const Page<ProcessStatus> page = co_await services.insight.processes(call.the_app(), asked);
  co_return ok(page_body(call.request, asked, page, process_json));
}

Task<net::Reply> show_release_config(Services& services, Call& call) {
  const std::string& text = call.parameter("version");
  const auto version = text.starts_with('v') ? parse_int(std::string_view(text).substr(1)) : std::nullopt;
  if (!version) throw not_found();
  const Config config = co_await services.insight.config_of_release(call.the_app(), *version);
  json::object body = to_json(config);
  body["pids"] = json::to_value(config.pids);  // v1.7 does not know it, but a release has it
  co_return ok(body);
}

}  // namespace deis::controller::api
