#include "controller/api/body.h"

#include "controller/api/multipart.h"
#include "core/base/text.h"
#include "core/json/json.h"

#include <fmt/format.h>

namespace deis::controller::api {
namespace {

constexpr auto kNotText = "Not a valid string.";
constexpr auto kNotObject = "This field must be a JSON object.";

// The names that clients have always seen in this message.
const char* type_name(const json::value& value) {
  if (value.is_array()) return "list";
  if (value.is_string()) return "str";
  if (value.is_bool()) return "bool";
  if (value.is_null()) return "NoneType";
  return value.is_double() ? "float" : "int";
}

json::object read_json(std::string_view text) {
  json::value document = json::parse(text);
  if (auto* object = document.if_object()) return std::move(*object);
  throw Error(
      ErrorCode::invalid,
      "non_field_errors",
      fmt::format("Invalid data. Expected a dictionary, but got {}.", type_name(document)));
}

json::object to_body(const std::vector<std::pair<std::string, std::string>>& pairs) {
  json::object body;
  for (const auto& [name, value] : pairs) {
    if (!is_valid_utf8(name) || !is_valid_utf8(value)) {
      throw Error(ErrorCode::invalid, "The form is not valid UTF-8.");
    }
    const bool fresh = body.emplace(name, value).second;
    if (!fresh) throw Error(ErrorCode::invalid, to_valid_utf8(name), "This field is given twice.");
  }
  return body;
}

std::string media_type(const net::Request& request) {
  const std::string header = request.headers.get("Content-Type");
  return to_lower(trim(std::string_view(header).substr(0, header.find(';'))));
}

}  // namespace

UnsupportedMediaType::UnsupportedMediaType(std::string_view type)
    : Error(ErrorCode::invalid, fmt::format("Unsupported media type '{}' in request.", type)) {}

json::object read_body(const net::Request& request) {
  if (trim(request.body).empty()) return {};
  const std::string type = media_type(request);
  if (type.empty() || type == "application/json") return read_json(request.body);
  if (type == "application/x-www-form-urlencoded") return to_body(net::parse_form(request.body));
  if (type == "multipart/form-data") {
    return to_body(parse_multipart(request.headers.get("Content-Type"), request.body));
  }
  throw UnsupportedMediaType(type);
}

std::optional<std::string> scalar_text(const json::value& value) {
  if (const auto* text = value.if_string()) return std::string(text->data(), text->size());
  if (value.is_null() || value.is_array() || value.is_object()) return std::nullopt;
  return json::to_text(value);
}

std::optional<std::string> Fields::text(const std::string& name, std::size_t maximum, Lines lines) {
  const auto* value = body_.if_contains(name);
  if (!value) return std::nullopt;
  auto text = scalar_text(*value);
  if (!text) {
    problem(name, value->is_null() ? kNotNull : kNotText);
    return std::nullopt;
  }
  problems_.collect(name, [&] { check_text(name, *text, maximum, lines); });
  return text;
}

void Fields::check_also(const std::function<void()>& check) {
  try {
    check();
  } catch (const ValidationError& error) {
    for (const auto& [field, messages] : error.fields()) {
      for (const auto& message : messages) problem(field, message);
    }
  }
}

std::string Fields::required(const std::string& name, std::size_t maximum, Lines lines) {
  if (!has(name)) problem(name, kRequired);
  const auto value = text(name, maximum, lines);
  if (value && trim(*value).empty()) problem(name, kNotBlank);
  return value.value_or("");
}

std::string Fields::optional(const std::string& name, std::size_t maximum, Lines lines) {
  return text(name, maximum, lines).value_or("");
}

bool Fields::flag(const std::string& name) {
  const auto* value = body_.if_contains(name);
  if (!value) return false;
  if (const auto* flag = value->if_bool()) return *flag;
  const auto text = scalar_text(*value);
  if (!text || (*text != "true" && *text != "false")) problem(name, "Must be a valid boolean.");
  return text == "true";
}

std::vector<std::string> Fields::strings(
    const std::string& name, std::size_t maximum_count, std::size_t maximum_characters) {
  std::vector<std::string> all;
  const auto* value = body_.if_contains(name);
  if (!value) return all;
  const json::array items = value->is_array() ? value->get_array() : json::array{*value};
  if (items.size() > maximum_count) {
    problem(name, fmt::format("Ensure this field has no more than {} elements.", maximum_count));
    return all;
  }
  for (const auto& item : items) {
    const auto* text = item.if_string();
    if (!text) {
      problem(name, kNotText);
      continue;
    }
    all.emplace_back(text->data(), text->size());
    problems_.collect(name, [&] { check_text(name, all.back(), maximum_characters, Lines::one); });
  }
  return all;
}

std::optional<json::object> Fields::object(const std::string& name) {
  const auto* value = body_.if_contains(name);
  if (!value) return std::nullopt;
  if (value->is_null()) problem(name, kNotNull);
  if (const auto* object = value->if_object()) return *object;
  if (const auto* text = value->if_string()) {
    try {
      json::value inner = json::parse(*text);
      if (auto* object = inner.if_object()) return std::move(*object);
    } catch (const Error&) {
      // Told below: the field is not an object.
    }
  }
  if (!value->is_null()) problem(name, kNotObject);
  return std::nullopt;
}

StringMap Fields::map(const std::string& name) {
  StringMap result;
  const auto found = object(name);
  if (!found) return result;
  for (const auto& [key, value] : *found) {
    auto text = scalar_text(value);
    if (!text) {
      problem(name, kNotText);
      continue;
    }
    result.emplace(std::string(key), std::move(*text));
  }
  return result;
}

Patch Fields::patch(const std::string& name) {
  Patch result;
  const auto found = object(name);
  if (!found) return result;
  for (const auto& [key, value] : *found) {
    auto text = scalar_text(value);
    if (!text && !value.is_null()) problem(name, name == "cpu" ? "CPU shares must be an integer" : kNotText);
    result.emplace(std::string(key), std::move(text));
  }
  return result;
}

}  // namespace deis::controller::api
