#include "controller/scheduler/route_entry.h"

#include "core/base/error.h"
#include "core/json/json.h"

namespace deis::controller {
namespace {

struct CanaryValue {
  std::int64_t release = 0;
  int weight = 0;
};
BOOST_DESCRIBE_STRUCT(CanaryValue, (), (release, weight))

struct RouteValue {
  std::int64_t release = 0;
  std::optional<CanaryValue> canary;
  std::vector<std::string> draining;
  json::value config_allowlist = json::array();
};
BOOST_DESCRIBE_STRUCT(RouteValue, (), (release, canary, draining, config_allowlist))

Canary canary_of(const RouteValue& value) {
  if (!value.canary) return {};
  const bool good = value.canary->release >= 1 && value.canary->weight >= kLeastWeight &&
                    value.canary->weight <= kMostWeight;
  if (!good) throw Error(ErrorCode::invalid, "canary is not a release and a weight from 1 to 99");
  return Canary{.release = value.canary->release, .weight = value.canary->weight};
}

// Members of an entry that can be read; a broken one is as good as none and is written anew.
std::optional<json::object> members(std::string_view text) {
  if (text.empty()) return std::nullopt;
  try {
    parse_route(text);
    return json::parse(text).as_object();
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace

RouteEntry parse_route(std::string_view text) {
  const json::value document = json::parse(text);
  auto value = json::from<RouteValue>(document);
  return RouteEntry{
      .release = value.release,
      .canary = canary_of(value),
      .draining = {value.draining.begin(), value.draining.end()},
      .policy = component::read_policy(document.as_object()),
      .config_allowlist = component::read_networks(value.config_allowlist)};
}

std::string apply_change(std::string_view before, const RouteChange& change) {
  const auto old = members(before);
  const RouteEntry entry = old ? parse_route(before) : RouteEntry{};
  RouteEntry after = entry;
  if (change.release) after.release = *change.release;
  if (change.canary) after.canary = *change.canary;
  for (const auto& job : change.undrain) after.draining.erase(job);
  after.draining.insert(change.drain.begin(), change.drain.end());
  if (change.policy) after.policy = *change.policy;
  if (change.config_allowlist) after.config_allowlist = *change.config_allowlist;
  if (old && after == entry) return std::string(before);

  json::object object = old.value_or(json::object());
  object["release"] = after.release;
  object.erase("canary");
  if (after.canary.release != 0)
    object["canary"] = json::object{{"release", after.canary.release}, {"weight", after.canary.weight}};
  object.erase("draining");
  if (!after.draining.empty()) object["draining"] = json::array(after.draining.begin(), after.draining.end());
  component::write_policy(after.policy, object);
  object.erase("config_allowlist");
  if (!after.config_allowlist.empty())
    object["config_allowlist"] = component::to_json(after.config_allowlist);
  return json::to_text(object);
}

}  // namespace deis::controller
