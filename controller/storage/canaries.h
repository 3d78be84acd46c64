#pragma once
// Canaries: the release of an app that runs beside the live one.

#include "controller/domain/model.h"
#include "controller/storage/pg/database.h"

#include <vector>

namespace deis::controller::storage {

Task<std::optional<AppCanary>> find_canary(pg::Session& db, std::string app);
// The app's only one; times are filled in, and who began it stays.
Task<AppCanary> save_canary(pg::Session& db, AppCanary canary);
Task<bool> delete_canary(pg::Session& db, std::string app);  // whether there was one

struct CanaryBundle {
  AppCanary canary;
  ReleaseBundle bundle;
};
Task<std::vector<CanaryBundle>> all_canaries(pg::Session& db);

}  // namespace deis::controller::storage
