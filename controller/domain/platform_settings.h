#pragma once
// What the operator decides for the whole platform (contract api.md §6.1). main.cpp keeps it equal to etcd;
// the services read it at each use, so a change needs no restart. Loop thread only.

#include "controller/domain/ldap_client.h"
#include "controller/scheduler/engine.h"

#include <cstdint>
#include <set>
#include <string>

namespace deis::controller {

enum class RegistrationMode { enabled, disabled, admin_only };

struct PlatformSettings {
  RegistrationMode registration_mode = RegistrationMode::enabled;
  std::string domain = "deisapp.local";     // apps are at <app>.<domain>
  std::string subdomain = "deis";           // the controller's own name: no app may have it
  std::string registry = "localhost:5000";  // where images of pushes are
  std::int64_t audit_days = 365;            // how long the audit log keeps a record
  std::int64_t audit_records = 1'000'000;   // and how many at most
  std::string builder_key;                  // "" refuses every builder
  LdapSettings ldap;                        // without endpoint: none
  ContainerSettings containers;

  // No setting of the platform: only a controller that stands alone changes these (stand_alone.h).
  bool allows_runs = true;               // one-off commands
  std::set<std::string> reserved_names;  // beside the subdomain
};

}  // namespace deis::controller
