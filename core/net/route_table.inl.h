#pragma once
// Bodies of core/net/route_table.h.

#include "core/base/text.h"

#include <algorithm>

namespace deis::net {
namespace route_detail {

inline std::vector<std::string> segments(std::string_view path) {
  std::vector<std::string> parts;
  for (const std::string_view part : split(path, '/')) parts.emplace_back(part);
  if (!parts.empty() && parts.front().empty()) parts.erase(parts.begin());
  if (!parts.empty() && parts.back().empty()) parts.pop_back();  // one trailing slash is optional
  return parts;
}

inline bool is_parameter(const std::string& segment) {
  return segment.size() > 2 && segment.front() == '{';
}
inline bool is_rest(const std::string& segment) {
  return is_parameter(segment) && segment.ends_with("...}");
}

inline std::string parameter_name(const std::string& segment) {
  return segment.substr(1, segment.size() - (is_rest(segment) ? 5 : 2));
}

// Whether the literal segments are there: cheap, and false for nearly all patterns.
inline bool may_match(const std::vector<std::string>& pattern, const std::vector<std::string>& path) {
  if (path.size() < pattern.size()) return false;
  if (path.size() > pattern.size() && (pattern.empty() || !is_rest(pattern.back()))) return false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (!is_parameter(pattern[i]) && pattern[i] != path[i]) return false;
  }
  return true;
}

// The parameters when `path` has the shape of `pattern`.
inline std::optional<PathParameters> match(
    const std::vector<std::string>& pattern, const std::vector<std::string>& path) {
  PathParameters parameters;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (i >= path.size()) return std::nullopt;
    if (!is_parameter(pattern[i])) {
      if (pattern[i] != path[i]) return std::nullopt;
      continue;
    }
    std::string raw = path[i];
    if (is_rest(pattern[i])) {
      for (std::size_t k = i + 1; k < path.size(); ++k) raw += '/' + path[k];
    }
    auto decoded = url_decode(raw);
    if (!decoded || decoded->empty()) return std::nullopt;
    parameters[parameter_name(pattern[i])] = std::move(*decoded);
    if (is_rest(pattern[i])) return parameters;
  }
  if (pattern.size() != path.size()) return std::nullopt;
  return parameters;
}

// Literals before parameters, parameters before the rest of a path: the more specific pattern sorts first.
inline int generality(const std::vector<std::string>& pattern) {
  int value = 0;
  for (const auto& segment : pattern) value += is_rest(segment) ? 1000 : is_parameter(segment) ? 1 : 0;
  return value;
}

}  // namespace route_detail

template <typename Value>
void RouteTable<Value>::add(std::string method, std::string pattern, Value value) {
  auto segments = route_detail::segments(pattern);
  routes_.push_back(Route{std::move(method), std::move(pattern), std::move(segments), std::move(value)});
}

template <typename Value>
auto RouteTable<Value>::find(std::string_view method, std::string_view path) const -> std::optional<Match> {
  const auto parts = route_detail::segments(path);
  std::optional<Match> best;
  int best_generality = 0;
  for (const Route& route : routes_) {
    if (!route_detail::may_match(route.segments, parts)) continue;
    auto parameters = route_detail::match(route.segments, parts);
    if (!parameters) continue;
    const int generality = route_detail::generality(route.segments);
    if (best && generality > best_generality) continue;
    if (!best || generality < best_generality) {
      best.emplace();
      best->pattern = route.pattern;
      best->parameters = std::move(*parameters);
      best_generality = generality;
    }
    best->allowed_methods.push_back(route.method);
    if (route.method == method || (method == "HEAD" && route.method == "GET")) best->value = &route.value;
  }
  if (best) std::sort(best->allowed_methods.begin(), best->allowed_methods.end());
  return best;
}

}  // namespace deis::net
