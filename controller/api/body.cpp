#include "controller/api/body.h"

#include "core/base/excerpt.h"
#include "core/base/text.h"
#include "core/json/bounded.h"
#include "core/net/multipart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

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

// A tree of values needs many times the memory of its text, so it is bounded more tightly than the body.
constexpr json::Limits kBodyLimits{.depth = 32, .values = 50'000, .keys = 10'000};

json::object read_json(std::string_view text) {
  json::value document = json::parse(text, kBodyLimits);
  if (auto* object = document.if_object()) return std::move(*object);
  throw Error(
      ErrorCode::invalid,
      "non_field_errors",
      fmt::format("Invalid data. Expected a dictionary, but got {}.", type_name(document)));
}

void add_field(json::object& body, const std::string& name, const std::string& value) {
  if (!is_valid_utf8(name) || !is_valid_utf8(value)) {
    throw Error(ErrorCode::invalid, "The form is not valid UTF-8.");
  }
  const bool fresh = body.emplace(name, value).second;
  if (!fresh) throw Error(ErrorCode::invalid, excerpt(name), "This field is given twice.");
}

json::object read_form(std::string_view text) {
  const auto count = static_cast<std::size_t>(std::count(text.begin(), text.end(), '&'));
  if (count >= net::kMostFormParts)
    throw Error(ErrorCode::invalid, fmt::format("The form has more than {} fields.", net::kMostFormParts));
  json::object body;
  for (const auto& [name, value] : net::parse_form(text)) add_field(body, name, value);
  return body;
}

json::object read_multipart(std::string_view content_type, std::string_view text) {
  json::object body;
  for (const auto& part : net::parse_multipart(content_type, text)) {
    add_field(body, part.name, part.content);
  }
  return body;
}

const char* why_not_text(const json::value& value) {
  if (value.is_null()) return kNotNull;
  return value.is_double() ? "This number is too large: send it as a string." : kNotText;
}

std::string media_type(std::string_view header) {
  return to_lower(trim(header.substr(0, header.find(';'))));
}

// Text is UTF-8 here; a body that announces something else is not guessed at.
void check_encodings(const net::Request& request, std::string_view content_type) {
  const std::string charset = to_lower(net::header_parameter(content_type, "charset").value_or("utf-8"));
  if (charset != "utf-8" && charset != "utf8" && charset != "us-ascii") {
    throw UnsupportedMediaType(
        fmt::format("Unsupported charset '{}' in request: send UTF-8.", excerpt(charset)));
  }
  const std::string coding = to_lower(trim(request.headers.get("Content-Encoding")));
  if (!coding.empty() && coding != "identity") {
    throw UnsupportedMediaType(
        fmt::format("Unsupported encoding '{}' in request: send it as it is.", excerpt(coding)));
  }
}

}  // namespace

UnsupportedMediaType UnsupportedMediaType::of(std::string_view type) {
  return UnsupportedMediaType(fmt::format("Unsupported media type '{}' in request.", excerpt(type)));
}

json::object read_body(const net::Request& request) {
  if (request.body.empty()) return {};
  const std::string header = request.headers.get("Content-Type");
  const std::string type = media_type(header);
  check_encodings(request, header);
  if (type == "multipart/form-data") return read_multipart(header, request.body);
  if (trim(request.body).empty()) return {};
  if (type.empty() || type == "application/json") return read_json(request.body);
  if (type == "application/x-www-form-urlencoded") return read_form(request.body);
  throw UnsupportedMediaType::of(type);
}

std::optional<std::string> scalar_text(const json::value& value) {
  if (const auto* text = value.if_string()) return std::string(text->data(), text->size());
  if (value.is_null() || value.is_array() || value.is_object()) return std::nullopt;
  if (!value.is_double()) return json::to_text(value);
  // A number beyond 64 bits was rounded when it was read: what would be stored is not what was sent.
  const double number = value.get_double();
  if (!std::isfinite(number) || std::abs(number) >= 0x1p63) return std::nullopt;
  std::string text = fmt::format("{}", number);
  return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
}

std::optional<std::string> Fields::text(const std::string& name, std::size_t maximum, Lines lines) {
  const auto* value = body_.if_contains(name);
  if (!value) return std::nullopt;
  auto text = scalar_text(*value);
  if (!text) {
    problem(name, why_not_text(*value));
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

std::optional<std::int64_t> Fields::number(const std::string& name) {
  const auto* value = body_.if_contains(name);
  if (!value || value->is_null()) return std::nullopt;
  const auto text = scalar_text(*value);
  const auto number = text ? parse_int(trim(*text)) : std::nullopt;
  if (!number) problem(name, "A valid integer is required.");
  return number;
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
      json::value inner = json::parse(*text, kBodyLimits);
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
      problem(name, value.is_null() ? kNotText : why_not_text(value));
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
    if (!text && !value.is_null())
      problem(name, name == "cpu" ? "CPU shares must be an integer" : why_not_text(value));
    result.emplace(std::string(key), std::move(text));
  }
  return result;
}

}  // namespace deis::controller::api
