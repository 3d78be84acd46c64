#pragma once
// Certificates of users and the host names they are presented for. Private keys are sealed in the table and
// only there.

#include "controller/domain/model.h"
#include "controller/domain/page.h"
#include "controller/storage/pg/database.h"

namespace deis::controller::storage {

struct NewCert {
  std::string owner, common_name;
  std::vector<std::string> names;  // in lower case
  bool extended = false, automatic = false;
  std::string certificate, key;
  SystemTime expires;
};

// What a router needs of one.
struct CertMaterial {
  std::string name, certificate, key;
  std::string problem;  // why the key cannot be opened, and is ""; else ""
};

// Whoever changes certificates or publishes them holds this lock until the transaction ends, so that etcd
// is never written from rows that change meanwhile.
Task<> lock_certs(pg::Transaction& tx);
// Error{conflict, "common_name" or "names"}.
Task<Cert> create_cert(pg::Transaction& tx, NewCert cert);
Task<Page<Cert>> list_certs(pg::Session& db, std::string owner, PageRequest page);
Task<std::optional<Cert>> find_cert(pg::Session& db, std::string owner, std::string common_name);
// The certificate that is presented for a name in lower case, whosever it is.
Task<std::optional<Cert>> find_cert_for(pg::Session& db, std::string name);
Task<bool> delete_cert(pg::Session& db, std::string owner, std::string common_name);
// All names that certificates of the user are presented for.
Task<std::vector<std::string>> cert_names_of(pg::Session& db, std::string owner);
Task<std::vector<CertMaterial>> all_cert_material(pg::Session& db);

}  // namespace deis::controller::storage
