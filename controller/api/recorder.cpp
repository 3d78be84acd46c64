#include "controller/api/recorder.h"

#include "controller/api/body.h"
#include "controller/api/client_address.h"
#include "core/base/text.h"

#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace deis::controller::api {
namespace {

constexpr std::size_t kMaximumValue = 128;    // bytes
constexpr std::size_t kMaximumDetail = 1024;  // bytes
constexpr std::string_view kCut = "...";

// Members of bodies whose values are names of things, not secrets.
constexpr auto kShown = std::to_array<std::string_view>(
    {"addresses",     "all",     "apps",       "balance", "canary",   "common_name", "count", "domain",
     "drain_timeout", "enabled", "expires_in", "id",      "image",    "name",        "owner", "receive_repo",
     "receive_user",  "release", "scopes",     "sha",     "username", "version",     "weight"});

bool is_shown(const Route& route, std::string_view member) {
  if (std::ranges::find(kShown, member) != kShown.end()) return true;
  return std::string_view(route.action) == "app.scale";  // process types and how many
}

// One line of valid UTF-8 whatever a client sent, at most `maximum` bytes.
std::string safe(std::string_view text, std::size_t maximum) {
  const bool fits = text.size() <= maximum;
  std::string line = to_valid_utf8(text.substr(0, fits ? text.size() : maximum - kCut.size()));
  std::ranges::replace_if(
      line, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  if (!fits) line += kCut;
  return line;
}

std::string names_in(const boost::json::object& object) {
  std::string names;
  for (const auto& [name, value] : object) {
    if (!names.empty()) names += ", ";
    if (value.is_null()) names += "-";
    names += safe({name.data(), name.size()}, kMaximumValue);
    if (names.size() > kMaximumDetail) break;
  }
  return names;
}

std::string list_text(const boost::json::array& list) {
  std::string all;
  for (const auto& item : list) {
    if (!all.empty()) all += ",";
    all += scalar_text(item).value_or("?");
    if (all.size() > kMaximumValue) break;
  }
  return all;
}

// Maps may come as text that holds an object (contract §3.12).
std::optional<boost::json::object> object_in(const boost::json::value& value) {
  if (const auto* object = value.if_object()) return *object;
  const auto* text = value.if_string();
  if (!text || text->empty() || text->front() != '{') return std::nullopt;
  boost::system::error_code failed;
  auto parsed = boost::json::parse(*text, failed);
  if (failed || !parsed.is_object()) return std::nullopt;
  return parsed.as_object();
}

std::string member_text(const Route& route, std::string_view name, const boost::json::value& value) {
  const std::string shown_name = safe(name, kMaximumValue);
  if (const auto object = object_in(value)) return fmt::format("{}({})", shown_name, names_in(*object));
  if (!is_shown(route, name)) return shown_name;
  const auto* list = value.if_array();
  const auto text = list ? std::optional(list_text(*list)) : scalar_text(value);
  if (!text) return shown_name;
  return fmt::format("{}={}", shown_name, safe(*text, kMaximumValue));
}

std::string user_of(const Route& route, const Call& call) {
  if (call.caller) return call.caller->username.str();
  if (route.who == Who::builder) return "builder";
  const auto* name = call.body.if_contains("username");
  const auto text = name ? scalar_text(*name) : std::nullopt;
  return text ? safe(*text, kMaximumValue) : "";
}

}  // namespace

bool is_recorded(const Route& route, const Call& call, int status) {
  if (route.action == kReads) return false;
  return route.who != Who::anyone || call.caller || status < 400;
}

std::string audit_detail(const Route& route, const Call& call) {
  std::string detail;
  const auto add = [&](const std::string& text) {
    if (!detail.empty()) detail += ' ';
    detail += text;
  };
  for (const auto& [name, value] : call.path) {
    if (name != "app") add(fmt::format("{}={}", name, safe(value, kMaximumValue)));
  }
  for (const auto& [name, value] : call.body) {
    add(member_text(route, {name.data(), name.size()}, value));
    if (detail.size() > kMaximumDetail) break;
  }
  return safe(detail, kMaximumDetail);
}

AuditRecord audit_record(const Route& route, const Call& call, int status, std::string request_id) {
  std::string app;
  const auto in_path = call.path.find("app");
  if (in_path != call.path.end()) app = safe(in_path->second, kMaximumValue);
  if (call.app) app = call.app->id.str();
  return AuditRecord{
      .user = user_of(route, call),
      .token = call.token ? call.token->id : "",
      .address = client_address(call.request),
      .action = route.action,
      .app = app,
      .detail = audit_detail(route, call),
      .status = status,
      .request = std::move(request_id)};
}

}  // namespace deis::controller::api
