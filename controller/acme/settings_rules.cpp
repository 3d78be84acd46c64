#include "controller/acme/settings_rules.h"

#include "controller/domain/certificate_parser.h"
#include "core/base/error.h"
#include "core/net/stream.h"

#include <algorithm>
#include <string_view>

namespace deis::controller::acme {
namespace {

constexpr std::size_t kMaximumLength = 254;
constexpr std::size_t kMaximumRoots = 256 * 1024;
constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_";

bool consists_of(std::string_view text, std::string_view more) {
  return std::ranges::all_of(
      text, [&](char c) { return kAlphabet.find(c) != kAlphabet.npos || more.find(c) != more.npos; });
}

}  // namespace

bool is_directory(const std::string& text) {
  constexpr std::string_view scheme = "https://";
  return text.size() > scheme.size() && text.size() <= kMaximumLength && text.starts_with(scheme) &&
         consists_of(text.substr(scheme.size()), "/:~%");
}

bool is_email(const std::string& text) {
  if (text.empty()) return true;
  const auto at = text.find('@');
  return text.size() <= kMaximumLength && at != text.npos && at > 0 && at + 1 < text.size() &&
         text.find('@', at + 1) == text.npos && consists_of(text, "@+");
}

// Authorities, each for itself: they need not have issued one another.
bool is_roots(const std::string& text) {
  constexpr std::string_view begin = "-----BEGIN CERTIFICATE-----";
  if (text.empty()) return true;
  if (text.size() > kMaximumRoots) return false;
  std::size_t count = 0;
  for (auto at = text.find(begin); at != text.npos; ++count) {
    const auto next = text.find(begin, at + 1);
    try {
      parse_chain(text.substr(at, next == text.npos ? next : next - at));
    } catch (const Error&) {
      return false;
    }
    at = next;
  }
  return count > 0;
}

bool is_host_port(const std::string& text) {
  if (text.empty()) return true;
  try {
    const auto endpoint = net::Endpoint::parse("tcp://" + text);
    return !endpoint.host.empty() && endpoint.port != 0;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace deis::controller::acme
