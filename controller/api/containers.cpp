// Scaling, listing and restarting containers (contract api.md §3.9, §3.15).

#include "controller/api/body.h"
#include "controller/api/handlers.h"
#include "controller/api/pagination.h"
#include "controller/api/response.h"
#include "controller/api/serializers.h"
#include "controller/domain/services.h"
#include "core/base/text.h"
#include "core/json/json.h"

#include <fmt/format.h>

#include <limits>

namespace deis::controller::api {
namespace {

Error bad_format(const std::string& why) {
  return Error(ErrorCode::invalid, "Invalid scaling format: " + why);
}

int count_of(const std::string& type, const json::value& value) {
  if (const auto* text = value.if_string()) {
    const std::string_view digits(text->data(), text->size());
    const auto number = parse_int(trim(digits));
    // Users of the first controller have scripts that read this text (contract §3.9).
    if (!number) throw bad_format(fmt::format("invalid literal for int() with base 10: '{}'", digits));
    if (!std::in_range<int>(*number))
      throw bad_format(fmt::format("{} is out of range for {}", *number, type));
    return static_cast<int>(*number);
  }
  const auto* number = value.if_int64();
  if (!number) throw bad_format("the count of " + type + " is not an integer");
  if (!std::in_range<int>(*number)) throw bad_format(fmt::format("{} is out of range for {}", *number, type));
  return static_cast<int>(*number);
}

Counts counts_of(const json::object& body) {
  Counts counts;
  for (const auto& [type, value] : body) {
    const std::string name = ProcessType::parse(std::string_view(type.data(), type.size())).str();
    counts[name] = count_of(name, value);
  }
  return counts;
}

int number_in_path(const Call& call) {
  const auto number = parse_int(call.parameter("num"));
  if (!number || *number < 1 || !std::in_range<int>(*number)) throw not_found();
  return static_cast<int>(*number);
}

ContainerFilter filter_in_path(const Call& call) {
  ContainerFilter filter;
  if (call.path.contains("type")) filter.type = call.parameter("type");
  if (call.path.contains("num")) filter.num = number_in_path(call);
  return filter;
}

json::object status_json(const ContainerStatus& status) {
  return to_json(status.container, status.state);
}

Task<net::Reply> list_page(Services& services, Call& call, std::optional<std::string> type) {
  const PageRequest asked = read_page(call.request);
  const Page<ContainerStatus> page = co_await services.formation.list(call.the_app(), type, asked);
  co_return ok(page_body(call.request, asked, page, status_json));
}

}  // namespace

Task<net::Reply> scale_app(Services& services, Call& call) {
  Counts counts = counts_of(call.body);
  co_await services.formation.scale(call.the_app(), call.user(), std::move(counts), call.cause());
  co_return empty(204);
}

Task<net::Reply> list_containers(Services& services, Call& call) {
  co_return co_await list_page(services, call, std::nullopt);
}

Task<net::Reply> list_containers_of_type(Services& services, Call& call) {
  co_return co_await list_page(services, call, call.parameter("type"));
}

Task<net::Reply> show_container(Services& services, Call& call) {
  const int num = number_in_path(call);
  const ContainerStatus status = co_await services.formation.get(call.the_app(), call.parameter("type"), num);
  co_return ok(status_json(status));
}

Task<net::Reply> restart_containers(Services& services, Call& call) {
  const auto restarted =
      co_await services.formation.restart(call.the_app(), filter_in_path(call), call.cause());
  json::array body;
  for (const auto& status : restarted) body.push_back(status_json(status));
  co_return ok(body);
}

}  // namespace deis::controller::api
