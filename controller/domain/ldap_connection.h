#pragma once
// libldap in our terms: every operation ends at the deadline, results are values. Blocking; one thread at a
// time.

#include "core/base/time.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

typedef struct ldap LDAP;
typedef struct ldapmsg LDAPMessage;

namespace deis::controller {

struct LdapEntry {
  std::string dn;
  std::map<std::string, std::vector<std::string>> attributes;  // names as they were asked for

  std::string first(const std::string& attribute) const;  // "" when there is none
};

class LdapConnection {
 public:
  // Throws Error{unavailable} when the address is none. The server is spoken to at the first operation.
  LdapConnection(const std::string& endpoint, Deadline deadline);

  // Whether the server takes the password. Throws Error{unavailable, timeout}.
  bool bind(const std::string& dn, const std::string& password);
  // At most `limit` entries; nullopt when there are more.
  std::optional<std::vector<LdapEntry>> search(
      const std::string& base,
      const std::string& filter,
      const std::vector<std::string>& attributes,
      int limit);

 private:
  struct Unbind {
    void operator()(LDAP* connection) const;
  };
  struct FreeMessage {
    void operator()(LDAPMessage* message) const;
  };
  using Message = std::unique_ptr<LDAPMessage, FreeMessage>;
  timeval remaining() const;
  Message wait_for(int id);
  int code_of(const Message& message);
  LdapEntry read_entry(LDAPMessage* entry, const std::vector<std::string>& attributes);

  std::string endpoint_;
  Deadline deadline_;
  std::unique_ptr<LDAP, Unbind> connection_;
};

// `value` with everything escaped that means something in a filter (RFC 4515).
std::string ldap_escape(std::string_view value);
// Whether it is the name of an attribute (RFC 4512): settings become parts of filters.
bool is_ldap_attribute(std::string_view text);

}  // namespace deis::controller
