#include "controller/api/type_body.h"

#include "controller/api/body.h"
#include "core/base/names.h"
#include "core/json/json.h"

#include <fmt/format.h>

namespace deis::controller::api {
namespace {

constexpr std::size_t kMaximumTypes = 100;

Patch read_members(const std::string& type, const json::object& object, Problems& problems) {
  Patch patch;
  for (const auto& [name, value] : object) {
    auto text = scalar_text(value);
    if (!text && !value.is_null())
      problems.add(type, fmt::format("{} must be a text or a number.", std::string(name)));
    patch.emplace(std::string(name), std::move(text));
  }
  return patch;
}

}  // namespace

TypePatch read_type_patch(const json::object& body) {
  Problems problems;
  TypePatch patch;
  if (body.size() > kMaximumTypes)
    throw Error(
        ErrorCode::invalid, "type", fmt::format("Ensure there are no more than {} types.", kMaximumTypes));
  for (const auto& [key, value] : body) {
    const std::string type = ProcessType::parse(std::string_view(key.data(), key.size())).str();
    if (value.is_null()) {
      patch.emplace(type, std::nullopt);
    } else if (const auto* object = value.if_object()) {
      patch.emplace(type, read_members(type, *object, problems));
    } else {
      problems.add(type, "This field must be a JSON object, or null.");
    }
  }
  problems.throw_if_any();
  return patch;
}

}  // namespace deis::controller::api
