#pragma once
// The formation: which containers an app shall have. One row per type and number.

#include "controller/domain/model.h"
#include "controller/domain/page.h"
#include "controller/storage/pg/database.h"

namespace deis::controller::storage {

Task<Page<Container>> list_containers(
    pg::Session& db, std::string app, std::optional<std::string> type, PageRequest page);  // oldest first
Task<std::vector<Container>> all_containers(pg::Session& db, std::string app);
Task<std::optional<Container>> find_container(pg::Session& db, std::string app, std::string type, int num);
Task<Container> create_container(
    pg::Session& db, std::string app, std::string owner, std::string type, int num, std::int64_t release);
Task<bool> delete_container(pg::Session& db, std::string app, std::string type, int num);
// All containers of the app belong to this release from now on.
Task<> move_containers(pg::Session& db, std::string app, std::int64_t release);

}  // namespace deis::controller::storage
