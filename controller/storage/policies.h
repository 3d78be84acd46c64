#pragma once
// Policies of apps (core/component/app_policy.h).

#include "controller/storage/pg/database.h"
#include "core/component/app_policy.h"

#include <map>
#include <string>

namespace deis::controller::storage {

Task<component::AppPolicy> find_policy(
    pg::Session& db, std::string app);  // an empty one when there is no row
Task<> save_policy(pg::Session& db, std::string app, component::AppPolicy policy);
Task<std::map<std::string, component::AppPolicy>> all_policies(pg::Session& db);  // by app

}  // namespace deis::controller::storage
