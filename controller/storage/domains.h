#pragma once
// Custom domains of apps.

#include "controller/domain/model.h"
#include "controller/domain/page.h"
#include "controller/storage/pg/database.h"

namespace deis::controller::storage {

Task<Domain> create_domain(
    pg::Session& db,
    std::string app,
    std::string owner,
    std::string domain);  // Error{conflict, "domain"}; case does not matter
Task<Page<Domain>> list_domains(pg::Session& db, std::string app, PageRequest page);
// The app whose domain this is; `domain` in lower case.
Task<std::optional<std::string>> find_domain_app(pg::Session& db, std::string domain);
// A domain that a certificate for `names` (lower case, "*.x" for all directly below x) would be presented
// for, of an app that the user neither owns nor may use.
Task<std::optional<std::string>> find_foreign_domain(
    pg::Session& db, std::string username, std::vector<std::string> names);
Task<std::vector<Domain>> all_domains(pg::Session& db);
Task<bool> delete_domain(pg::Session& db, std::string app, std::string domain);

}  // namespace deis::controller::storage
