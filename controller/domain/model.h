#pragma once
// The controller's objects as values (contract api.md §4). No I/O here; storage reads and writes them, the
// API shows them.

#include "core/base/names.h"
#include "core/base/time.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace deis::controller {

struct User {
  std::int64_t id = 0;
  UserName username;
  std::string password_hash;  // Argon2id, libsodium's text form; "" when only LDAP knows the password
  std::string email, first_name, last_name;
  bool is_superuser = false;
  bool is_active = true;
  std::vector<std::string> groups;  // of the LDAP directory
  SystemTime date_joined, last_login;
};

// What a client may use instead of a session token; the secret itself is shown once and not kept.
struct ApiToken {
  std::string id;  // 8 hex digits
  std::string owner, name;
  std::vector<std::string> scopes;  // domain/scopes.h
  std::vector<std::string> apps;    // where it is good; empty: on all
  SystemTime created;
  std::optional<SystemTime> expires, last_used;
};

// One request that changed something, or was refused to.
struct AuditRecord {
  std::int64_t id = 0;
  SystemTime time;
  std::string user;
  std::string token;    // id of the API token; "" for the session token and the builder
  std::string address;  // where from
  std::string action;   // "config.change"
  std::string app;      // "" when it is not about one
  std::string detail;   // never a secret value
  int status = 0;       // of the answer
  std::string request;  // its id in the controller's log
};

struct Key {
  std::string uuid;
  std::string owner;        // user name
  std::string id;           // 1-128 characters, chosen by the user
  std::string public_key;   // as sent
  std::string fingerprint;  // MD5, colon separated (contract §4.6)
  SystemTime created, updated;
};

struct App {
  std::string uuid;
  AppId id;
  std::string owner;
  std::map<std::string, int> structure;  // process type -> count; empty: never scaled
  SystemTime created, updated;
};

using StringMap = std::map<std::string, std::string>;

struct Config {
  std::string uuid, app, owner;
  StringMap values, memory;
  std::map<std::string, int> cpu;
  StringMap tags;
  std::map<std::string, int> pids;
  SystemTime created, updated;
};

struct Build {
  std::string uuid, app, owner;
  std::string image;       // as given by the caller
  std::string sha;         // "" for image imports
  StringMap procfile;      // type -> command
  std::string dockerfile;  // non-empty: Dockerfile workflow
  SystemTime created, updated;
};

struct Release {
  std::string uuid, app, owner;
  std::int64_t version = 1;
  std::string summary;
  std::string config_uuid;
  std::optional<std::string> build_uuid;
  SystemTime created, updated;
};

// A release that runs beside the live one and gets a part of the requests.
struct AppCanary {
  std::string app, owner;  // owner: who began it
  std::int64_t release = 1;
  int weight = 1;                         // per cent
  std::map<std::string, int> containers;  // process type -> count
  SystemTime created, updated;
};

// One wanted container (the formation). State is not stored; it is asked from the engine.
struct Container {
  std::string uuid, app, owner, type;
  int num = 1;
  std::int64_t release = 1;
  SystemTime created, updated;
};

struct Push {
  std::string uuid, app, owner, sha, fingerprint, receive_user, receive_repo, ssh_connection,
      ssh_original_command;
  SystemTime created, updated;
};

struct Domain {
  std::string app, owner, domain;
  SystemTime created, updated;
};

// How the platform is doing with a certificate that it renews by itself.
struct Renewal {
  std::string app;
  SystemTime next_attempt;
  int failures = 0;  // in a row
  std::string last_error;
  bool ordering = false;
};

struct Cert {
  std::int64_t id = 0;
  std::string owner, common_name;
  std::vector<std::string> names;  // all it is presented for, in lower case
  bool extended = false;           // made with our extension: several names, or a wildcard
  bool automatic = false;          // got by the platform itself
  std::optional<Renewal> renewal;  // nullopt: nobody wants that
  SystemTime expires, created, updated;
};

// A domain whose certificate the platform gets and renews by itself.
struct AutoCert {
  std::string domain;  // in lower case
  std::string app, requested_by;
  SystemTime created, next_attempt;
  std::optional<SystemTime> last_attempt, expires;  // expires: of the certificate there is
  int failures = 0;                                 // in a row
  std::string last_error;
  std::optional<SystemTime> held_until;  // nothing is ordered before
  bool ordering = false;
};

// A release with all that is needed to run it.
struct ReleaseBundle {
  Release release;
  Config config;
  std::optional<Build> build;
};

}  // namespace deis::controller
