#pragma once
// The company's directory of users (LDAP, contract api.md §6.3), off the loop thread and within time limits.
// A server that is away is not asked again for a while: local accounts must not wait for it.

#include "controller/domain/ldap_client.h"
#include "controller/domain/patience.h"
#include "core/base/log.h"
#include "core/net/offload.h"

namespace deis::controller {

class Directory {
 public:
  Directory(Log log, const Patience& patience);

  // nullopt: not this name with this password, or there is no directory. Error{unavailable} when it cannot
  // tell.
  Task<std::optional<LdapAccount>> log_in(LdapSettings settings, std::string name, std::string password);

 private:
  bool is_resting(const LdapSettings& settings) const;
  void rest(const LdapSettings& settings, const std::string& why);

  Log log_;
  const Patience& patience_;
  std::optional<net::WorkerPool> pool_;  // made when there is a directory
  LdapSettings away_;                    // the settings with which it was away ...
  Deadline away_until_{};
};

}  // namespace deis::controller
