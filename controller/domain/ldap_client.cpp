#include "controller/domain/ldap_client.h"

#include "controller/domain/ldap_connection.h"
#include "core/base/error.h"
#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace deis::controller {
namespace {

constexpr int kMaximumGroups = 1000;
constexpr auto kFirstName = "givenName";
constexpr auto kLastName = "sn";
constexpr auto kMail = "mail";
constexpr auto kGroupName = "cn";

void check_attribute(const std::string& setting, const std::string& value) {
  if (is_ldap_attribute(value)) return;
  throw Error(
      ErrorCode::unavailable, fmt::format("the setting {} must be the name of an attribute", setting));
}

void bind_to_search(LdapConnection& server, const LdapSettings& settings) {
  const bool anonymous = settings.bind_dn.empty();
  const bool let_in = server.bind(settings.bind_dn, anonymous ? "" : settings.bind_password);
  if (!let_in)
    throw Error(
        ErrorCode::unavailable,
        fmt::format(
            "{} refuses {}: correct auth/ldap/bind/dn and auth/ldap/bind/password",
            settings.endpoint,
            anonymous ? "anonymous users" : settings.bind_dn));
}

// The attribute may hold several names, and servers compare them without case.
std::string matching_name(const LdapEntry& entry, const LdapSettings& settings, const std::string& typed) {
  const auto found = entry.attributes.find(settings.user_attribute);
  if (found == entry.attributes.end()) return "";
  for (const auto& value : found->second) {
    if (to_lower(value) == to_lower(typed)) return value;
  }
  return "";
}

// How entries of this kind name their members.
std::string member_filter(const LdapSettings& settings, const std::string& dn, const std::string& name) {
  const std::string type = to_lower(settings.group_type);
  if (type == "posixgroup") return "(memberUid=" + ldap_escape(name) + ")";
  const std::string escaped = ldap_escape(dn);
  if (type == "groupofuniquenames") return "(uniqueMember=" + escaped + ")";
  if (type == "organizationalrole") return "(roleOccupant=" + escaped + ")";
  return "(member=" + escaped + ")";
}

std::vector<std::string> groups_of(
    LdapConnection& server, const LdapSettings& settings, const std::string& dn, const std::string& name) {
  std::vector<std::string> groups;
  if (settings.group_base.empty()) return groups;
  check_attribute("auth/ldap/group/filter", settings.group_attribute);
  const std::string filter = fmt::format(
      "(&({}={}){})",
      settings.group_attribute,
      ldap_escape(settings.group_type),
      member_filter(settings, dn, name));
  const std::vector<std::string> attributes = {kGroupName};
  const auto entries = server.search(settings.group_base, filter, attributes, kMaximumGroups);
  if (!entries)
    throw Error(ErrorCode::unavailable, fmt::format("{} is in more than {} groups", dn, kMaximumGroups));
  for (const auto& entry : *entries) groups.push_back(entry.first(kGroupName));
  std::erase(groups, "");
  std::ranges::sort(groups);
  return groups;
}

}  // namespace

std::optional<LdapAccount> ldap_log_in(
    const LdapSettings& settings, const std::string& name, const std::string& password, Deadline deadline) {
  // Servers take a name without a password for an anonymous user, whoever is named.
  if (name.empty() || password.empty()) return std::nullopt;
  check_attribute("auth/ldap/user/filter", settings.user_attribute);
  LdapConnection server(settings.endpoint, deadline);
  bind_to_search(server, settings);
  const std::string filter = fmt::format("({}={})", settings.user_attribute, ldap_escape(name));
  const std::vector<std::string> attributes = {settings.user_attribute, kFirstName, kLastName, kMail};
  const auto found = server.search(settings.user_base, filter, attributes, 1);
  if (!found || found->size() != 1) return std::nullopt;
  const LdapEntry& entry = found->front();
  LdapAccount account{
      .name = matching_name(entry, settings, name),
      .email = entry.first(kMail),
      .first_name = entry.first(kFirstName),
      .last_name = entry.first(kLastName),
      .groups = {}};
  if (account.name.empty() || entry.dn.empty()) return std::nullopt;
  if (!server.bind(entry.dn, password)) return std::nullopt;
  bind_to_search(server, settings);
  account.groups = groups_of(server, settings, entry.dn, account.name);
  return account;
}

}  // namespace deis::controller
