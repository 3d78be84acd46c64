#pragma once
// One question to an LDAP server (contract api.md §6.3): is this the password of that name, and who is it?
// Blocking, with OpenLDAP's library: domain/directory.h runs it off the loop thread.

#include "core/base/time.h"

#include <optional>
#include <string>
#include <vector>

namespace deis::controller {

// The settings /deis/controller/auth/ldap/*. Without endpoint and base there is no LDAP.
struct LdapSettings {
  std::string endpoint;                // ldap://host:port or ldaps://
  std::string bind_dn, bind_password;  // who searches; blank: anonymous
  std::string user_base;
  std::string user_attribute = "uid";  // compared with the login name
  std::string group_base;              // blank: no groups
  std::string group_attribute = "objectClass", group_type = "groupOfNames";

  bool enabled() const { return !endpoint.empty() && !user_base.empty(); }
  bool operator==(const LdapSettings&) const = default;
};

// What the server knows of a user.
struct LdapAccount {
  std::string name;  // as the directory spells it
  std::string email, first_name, last_name;
  std::vector<std::string> groups;  // sorted
};

// nullopt: no such user, several, or another password. Error{unavailable}: the server cannot tell or the
// settings are wrong; Error{timeout}.
std::optional<LdapAccount> ldap_log_in(
    const LdapSettings& settings, const std::string& name, const std::string& password, Deadline deadline);

}  // namespace deis::controller
