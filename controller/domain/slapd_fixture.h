#pragma once
// For tests: a real LDAP server (OpenLDAP's slapd) with its own data, on a free port.

#include "controller/domain/ldap_client.h"
#include "core/net/reserved_port.h"
#include "core/process/process.h"

namespace deis::controller::test {

class SlapdFixture {
 public:
  // With the entries of `ldif` below dc=example,dc=com; its administrator is cn=admin,dc=example,dc=com with
  // the password "admin". Anonymous users may search.
  static Task<std::unique_ptr<SlapdFixture>> start(Executor executor, std::string ldif);
  ~SlapdFixture();

  // For people below ou=people (by uid) and groupOfNames below ou=groups.
  LdapSettings settings() const;
  Task<> stop();
  Task<> restart();
  // Stops it in its tracks: connections are taken but never answered.
  void freeze();
  void thaw();

 private:
  SlapdFixture(Executor executor, std::string directory);
  Task<> load(std::string ldif);
  Task<> launch();

  Executor executor_;
  std::string directory_;
  deis::test::ReservedPort port_;
  std::unique_ptr<process::Process> server_;
};

// The tree above and: ann (password "ann-secret", in the groups staff and ops), bob ("bob-secret").
std::string example_ldif();

}  // namespace deis::controller::test
