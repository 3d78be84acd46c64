#include "controller/domain/host_name.h"

#include "controller/domain/validation.h"
#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace deis::controller {
namespace {

constexpr std::size_t kMaximumLength = 255;
constexpr std::size_t kMaximumLabel = 63;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_good_label(std::string_view label) {
  if (label.empty() || label.size() > kMaximumLabel) return false;
  if (label.front() == '-' || label.back() == '-') return false;
  if (label.find("--") != std::string_view::npos) return false;
  if (std::ranges::all_of(label, is_digit)) return false;
  return std::ranges::all_of(label, [](char c) { return is_letter(c) || is_digit(c) || c == '-'; });
}

// Names under xip.io resolve by themselves and are taken as they are; only what no host name can hold is
// refused.
bool is_good_wildcard_service_name(std::string_view name) {
  if (name.find("xip.io") == std::string_view::npos) return false;
  return std::ranges::all_of(name, [](char c) {
    return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '*' || c == '_';
  });
}

}  // namespace

std::string checked_host_name(std::string_view text) {
  const auto invalid = [](const std::string& message) {
    return Error(ErrorCode::invalid, "domain", message);
  };
  if (trim(text).empty()) throw invalid(kNotBlank);
  if (text.size() > kMaximumLength) {
    throw invalid(fmt::format("Ensure this field has no more than {} characters.", kMaximumLength));
  }
  if (text.ends_with('.')) text.remove_suffix(1);
  if (is_good_wildcard_service_name(text)) return std::string(text);
  const auto labels = split(text, '.');
  if (labels.front() == "*") throw invalid("Adding a wildcard subdomain is currently not supported.");
  const bool single_with_digit = labels.size() == 1 && std::ranges::any_of(text, is_digit);
  if (single_with_digit || !std::ranges::all_of(labels, is_good_label)) {
    throw invalid("Hostname does not look valid.");
  }
  return std::string(text);
}

}  // namespace deis::controller
