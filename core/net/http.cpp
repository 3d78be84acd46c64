#include "core/net/http.h"

#include "core/base/error.h"
#include "core/base/excerpt.h"
#include "core/base/text.h"

#include <boost/beast/http/status.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace deis::net {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

std::string decode_form_part(std::string_view text) {
  std::string blanks(text);
  std::replace(blanks.begin(), blanks.end(), '+', ' ');
  auto decoded = url_decode(blanks);
  if (!decoded)
    throw Error(ErrorCode::invalid, fmt::format("'{}' is not percent-encoded correctly", excerpt(text)));
  return std::move(*decoded);
}

}  // namespace

void Headers::set(std::string_view name, std::string_view value) {
  std::erase_if(fields_, [&](const auto& field) { return same_name(field.first, name); });
  add(name, value);
}

void Headers::add(std::string_view name, std::string_view value) {
  fields_.emplace_back(name, value);
}

std::optional<std::string_view> Headers::find(std::string_view name) const {
  for (const auto& field : fields_) {
    if (same_name(field.first, name)) return field.second;
  }
  return std::nullopt;
}

std::string Headers::get(std::string_view name) const {
  return std::string(find(name).value_or(""));
}

std::string_view Request::path() const {
  return std::string_view(target).substr(0, target.find('?'));
}

std::string_view Request::query() const {
  const auto at = target.find('?');
  return at == std::string::npos ? std::string_view() : std::string_view(target).substr(at + 1);
}

std::vector<std::pair<std::string, std::string>> parse_form(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> pairs;
  if (text.empty()) return pairs;
  for (const std::string_view part : split(text, '&')) {
    if (part.empty()) continue;
    const auto equals = part.find('=');
    std::string value = equals == std::string_view::npos ? "" : decode_form_part(part.substr(equals + 1));
    pairs.emplace_back(decode_form_part(part.substr(0, equals)), std::move(value));
  }
  return pairs;
}

std::string build_query(const std::vector<std::pair<std::string, std::string>>& pairs) {
  std::string query;
  for (const auto& [name, value] : pairs) {
    query += query.empty() ? '?' : '&';
    query += url_encode(name) + '=' + url_encode(value);
  }
  return query;
}

std::string_view standard_reason(int status) {
  // The contract wants upper case; made once for the codes that exist.
  static const std::array<std::string, 600> reasons = [] {
    std::array<std::string, 600> all;
    for (unsigned code = 100; code < all.size(); ++code) {
      const std::string_view reason =
          boost::beast::http::obsolete_reason(boost::beast::http::int_to_status(code));
      for (const char c : reason) all[code] += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return all;
  }();
  return status >= 100 && status < 600 ? std::string_view(reasons[static_cast<std::size_t>(status)])
                                       : "UNKNOWN";
}

}  // namespace deis::net
