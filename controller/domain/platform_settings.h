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

// How the platform gets certificates by itself.
struct AcmeSettings {
  bool agreed = false;  // the operator, to the authority's terms: without it nothing is ordered
  std::string directory = "https://acme-v02.api.letsencrypt.org/directory";
  std::string email;          // whom the authority tells of trouble; "": nobody
  std::string roots;          // PEM, of a private authority; "": the system's
  std::string probe_address;  // host:port that the pre-flight asks instead of the domain's; "": none
  int orders_per_hour = 50;   // of the platform
  bool operator==(const AcmeSettings&) const = default;
};

struct PlatformSettings {
  RegistrationMode registration_mode = RegistrationMode::enabled;
  std::string domain = "deisapp.local";     // apps are at <app>.<domain>
  std::string subdomain = "deis";           // the controller's own name: no app may have it
  std::string registry = "localhost:5000";  // where images of pushes are
  std::int64_t audit_days = 365;            // how long the audit log keeps a record
  std::int64_t audit_records = 1'000'000;   // and how many at most
  std::int64_t switch_seconds = 10;         // how long every router may take to apply a change
  std::string builder_key;                  // "" refuses every builder
  LdapSettings ldap;                        // without endpoint: none
  ContainerSettings containers;
  AcmeSettings acme;

  // No setting of the platform: only a controller that stands alone changes these (stand_alone.h).
  bool allows_runs = true;               // one-off commands
  std::set<std::string> reserved_names;  // beside the subdomain
};

}  // namespace deis::controller
