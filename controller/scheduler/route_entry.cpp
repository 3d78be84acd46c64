#include "controller/scheduler/route_entry.h"

#include "core/base/error.h"
#include "core/json/json.h"

namespace deis::controller {
namespace {

struct RouteValue {
  std::int64_t release = 0;
  std::vector<std::string> draining;
};
BOOST_DESCRIBE_STRUCT(RouteValue, (), (release, draining))

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
  auto value = json::from<RouteValue>(json::parse(text));
  return RouteEntry{.release = value.release, .draining = {value.draining.begin(), value.draining.end()}};
}

std::string apply_change(std::string_view before, const RouteChange& change) {
  const auto old = members(before);
  const RouteEntry entry = old ? parse_route(before) : RouteEntry{};
  RouteEntry after = entry;
  if (change.release) after.release = *change.release;
  for (const auto& job : change.undrain) after.draining.erase(job);
  after.draining.insert(change.drain.begin(), change.drain.end());
  if (old && after == entry) return std::string(before);

  json::object object = old.value_or(json::object());
  object["release"] = after.release;
  object.erase("draining");
  if (!after.draining.empty()) object["draining"] = json::array(after.draining.begin(), after.draining.end());
  return json::to_text(object);
}

}  // namespace deis::controller
