#pragma once
// Domains whose certificate the platform gets by itself, our accounts at certificate authorities, and what
// was ordered lately.

#include "controller/domain/model.h"
#include "controller/domain/page.h"
#include "controller/storage/pg/database.h"

#include <optional>
#include <string>
#include <vector>

namespace deis::controller::storage {

// The domain (in lower case) must be the app's: nullopt otherwise. One that is wanted already and has failed
// is due again as soon as it may be.
Task<std::optional<AutoCert>> want_auto_cert(
    pg::Session& db, std::string app, std::string domain, std::string by, SystemTime now);
Task<Page<AutoCert>> list_auto_certs(pg::Session& db, std::string app, PageRequest page);
Task<std::optional<AutoCert>> find_auto_cert(pg::Session& db, std::string domain);
Task<bool> delete_auto_cert(pg::Session& db, std::string app, std::string domain);
Task<> delete_auto_certs(pg::Session& db, std::vector<std::string> domains);

// One to see to: its time has come, or its certificate is gone.
struct DueCert {
  std::string domain, app, owner;  // owner of the app
  int failures = 0;
};
Task<std::optional<DueCert>> find_due_cert(pg::Session& db, SystemTime now);

// True for one caller at a time, until its transaction ends.
Task<bool> take_auto_certs(pg::Transaction& tx);
// Orders whose controller died are due again. Only for who has taken them. How many.
Task<std::int64_t> reclaim_interrupted(pg::Session& db, SystemTime now);
// An order goes out: its id.
Task<std::int64_t> begin_order(pg::Transaction& tx, std::string domain, SystemTime now);
Task<> end_order(pg::Session& db, std::int64_t order, std::string outcome);

struct AttemptResult {
  std::string error;  // "": it has its certificate
  SystemTime now, next;
  std::optional<SystemTime> held_until;
};
Task<> note_attempt(pg::Session& db, std::string domain, AttemptResult result);
// Its time has come, but limits forbid it.
Task<> hold_back(pg::Session& db, std::string domain, SystemTime until, std::string why);

struct OrderRecord {
  std::string domain, outcome;  // "": not known
  SystemTime begun;
};
Task<std::vector<OrderRecord>> orders_since(
    pg::Session& db, SystemTime since);  // at most 10,000, newest first
Task<> forget_orders_before(pg::Session& db, SystemTime time);

// PEM; nullopt: we have none there.
Task<std::optional<std::string>> find_account_key(pg::Session& db, std::string directory);
// Does nothing when there is one.
Task<> create_account(pg::Session& db, std::string directory, std::string key);

}  // namespace deis::controller::storage
