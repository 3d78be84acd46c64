#include "controller/domain/certificate_rules.h"

#include "controller/domain/certificate_parser.h"
#include "controller/domain/validation.h"
#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace deis::controller {
namespace {

constexpr std::size_t kMaximumName = 253;  // of a host name
constexpr std::size_t kMaximumLabel = 63;
constexpr std::size_t kMaximumNames = 100;
constexpr auto kWildcard = "Wildcard certificates are not supported";  // contract §4.8

bool is_label(std::string_view label) {
  if (label.empty() || label.size() > kMaximumLabel || label.front() == '-' || label.back() == '-')
    return false;
  return std::ranges::all_of(label, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

// A host name or "*." and one: international names too, as they stand in certificates (xn--...).
bool is_name(std::string_view name) {
  if (name.size() > kMaximumName) return false;
  if (name.starts_with("*.")) name.remove_prefix(2);
  return std::ranges::all_of(split(name, '.'), is_label);
}

void check_name(const std::string& field, const std::string& name) {
  if (is_name(name)) return;
  throw Error(ErrorCode::invalid, field, "'" + to_valid_utf8(name) + "' does not look like a host name.");
}

// Whether one of the certificate's names is `name` or, for a name without a star, the star of its domain.
bool covers(const std::vector<std::string>& certificate_names, const std::string& name) {
  const auto dot = name.find('.');
  const std::string star = dot == std::string::npos || name.front() == '*' ? name : "*" + name.substr(dot);
  return std::ranges::any_of(
      certificate_names, [&](const std::string& given) { return given == name || given == star; });
}

// The certificate's side of the request: what could be read of it.
struct Parsed {
  std::vector<X509Pointer> chain;
  KeyPointer key{nullptr, EVP_PKEY_free};
};

Parsed parse(const CertificateRequest& request, Problems& problems) {
  Parsed parsed;
  problems.collect("certificate", [&] { parsed.chain = parse_chain(request.certificate); });
  problems.collect("key", [&] { parsed.key = parse_private_key(request.key); });
  const bool both = !parsed.chain.empty() && parsed.key;
  if (both && !belong_together(parsed.chain.front(), parsed.key))
    problems.add("key", "The key does not belong to the certificate.");
  return parsed;
}

std::string choose_common_name(const CertificateRequest& request, const Parsed& parsed) {
  if (request.common_name) return *request.common_name;
  if (parsed.chain.empty()) return "";
  const std::string own = common_name_of(parsed.chain.front());
  if (!own.empty()) return own;
  if (!request.names.empty()) return request.names.front();
  throw Error(ErrorCode::invalid, "common_name", "The certificate has no common name: give one.");
}

// Names of our own form must be the certificate's: a browser would refuse them.
void check_covered(
    const std::string& field, const std::string& name, const Parsed& parsed, Problems& problems) {
  if (parsed.chain.empty() || covers(names_of(parsed.chain.front()), to_lower(name))) return;
  problems.add(field, "The certificate is not good for " + to_valid_utf8(name) + ".");
}

void check_names(
    const CertificateRequest& request,
    const std::string& common_name,
    const Parsed& parsed,
    Problems& problems) {
  const bool extended = request.wildcard || !request.names.empty();
  if (!common_name.empty()) {
    if (!extended && common_name.find('*') != std::string::npos) {
      problems.add("common_name", kWildcard);
    } else {
      problems.collect("common_name", [&] { check_name("common_name", common_name); });
      if (extended) check_covered("common_name", common_name, parsed, problems);
    }
  }
  if (request.names.size() > kMaximumNames)
    problems.add("names", fmt::format("Ensure this field has no more than {} names.", kMaximumNames));
  for (const auto& name : request.names) {
    problems.collect("names", [&] { check_name("names", name); });
    check_covered("names", name, parsed, problems);
  }
}

}  // namespace

CheckedCertificate check_certificate(const CertificateRequest& request) {
  Problems problems;
  const Parsed parsed = parse(request, problems);
  CheckedCertificate checked;
  problems.collect("common_name", [&] { checked.common_name = choose_common_name(request, parsed); });
  check_names(request, checked.common_name, parsed, problems);
  if (!parsed.chain.empty())
    problems.collect("certificate", [&] { checked.expires = expiry_of(parsed.chain.front()); });
  problems.throw_if_any();
  checked.extended = request.wildcard || !request.names.empty();
  checked.names.push_back(to_lower(checked.common_name));
  for (const auto& name : request.names) checked.names.push_back(to_lower(name));
  std::ranges::sort(checked.names);
  checked.names.erase(std::ranges::unique(checked.names).begin(), checked.names.end());
  checked.certificate = chain_pem(parsed.chain);
  checked.key = key_pem(parsed.key);
  return checked;
}

}  // namespace deis::controller
