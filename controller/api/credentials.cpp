#include "controller/api/credentials.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <sodium.h>

#include <algorithm>

namespace deis::controller::api {
namespace {

constexpr std::string_view kApiMajor = "1";

Error unauthenticated(const char* message) {
  return Error(ErrorCode::unauthenticated, message);
}

bool is_token_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

// "text/html; q=0" says what is not wanted.
bool is_refused(std::string_view range) {
  for (const std::string_view part : split(range, ';')) {
    const std::string parameter = to_lower(trim(part));
    if (!parameter.starts_with("q=")) continue;
    return parameter.find_first_not_of("0.", 2) == std::string::npos;
  }
  return false;
}

std::vector<std::string_view> words(std::string_view text) {
  auto parts = split(text, ' ');
  std::erase_if(parts, [](std::string_view part) { return part.empty(); });
  return parts;
}

}  // namespace

std::string required_token(const net::Request& request) {
  const std::string header = request.headers.get("Authorization");
  const auto parts = words(header);
  if (parts.empty() || to_lower(parts.front()) != "token") {
    throw unauthenticated("Authentication credentials were not provided.");
  }
  if (parts.size() == 1) throw unauthenticated("Invalid token header. No credentials provided.");
  if (parts.size() > 2)
    throw unauthenticated("Invalid token header. Token string should not contain spaces.");
  // Of our making are only letters, digits and _; anything else is not even worth a look into the database.
  if (!std::ranges::all_of(parts[1], is_token_character)) throw unauthenticated("Invalid token");
  return std::string(parts[1]);
}

std::optional<std::string> presented_token(const net::Request& request) {
  try {
    return required_token(request);
  } catch (const Error&) {
    return std::nullopt;
  }
}

bool has_builder_key(const net::Request& request, const std::string& builder_key) {
  const std::string given = request.headers.get("X-Deis-Builder-Auth");
  if (builder_key.empty() || given.size() != builder_key.size()) return false;
  return sodium_memcmp(given.data(), builder_key.data(), given.size()) == 0;
}

bool has_matching_version(const net::Request& request) {
  const auto version = request.headers.find("Deis-Version");
  return !version || *version == kApiMajor;
}

bool accepts(const net::Request& request, std::string_view media_type) {
  const std::string header = request.headers.get("Accept");
  if (trim(header).empty()) return true;
  const auto ranges = split(header, ',');
  return std::ranges::any_of(ranges, [&](std::string_view range) {
    const std::string type = to_lower(trim(range.substr(0, range.find(';'))));
    if (is_refused(range)) return false;
    return type == "*/*" || type == "application/*" || type == "application/json" || type == media_type;
  });
}

}  // namespace deis::controller::api
