#pragma once
// Apps: their rows, who may see them, and what each shall run.

#include "controller/domain/model.h"
#include "controller/domain/page.h"
#include "controller/storage/pg/database.h"

namespace deis::controller::storage {

Task<App> create_app(pg::Session& db, AppId id, std::string owner);  // Error{conflict, "id"}
// One that is being destroyed is gone for all but those who finish that.
enum class Find { living, destroying_too };
Task<std::optional<App>> find_app(pg::Session& db, std::string id, Find which = Find::living);
// Locks the row until the transaction ends: release numbers are given out under it.
Task<std::optional<App>> lock_app(pg::Session& db, std::string id);

struct AppAccess {
  App app;
  bool is_collaborator = false;  // of the user that was asked for
};
// The app and what the user is to it, in one statement.
Task<std::optional<AppAccess>> find_app_for(
    pg::Session& db, std::string id, std::string username, Find which = Find::living);
Task<Page<App>> list_apps(pg::Session& db, PageRequest page);                           // all, for admins
Task<Page<App>> list_apps_of(pg::Session& db, std::string username, PageRequest page);  // own and shared
// Those of `ids` that the user sees.
Task<Page<App>> list_apps_among(pg::Session& db, User user, std::vector<std::string> ids, PageRequest page);
Task<> set_owner(pg::Session& db, std::string id, std::string owner);
Task<> set_structure(pg::Session& db, std::string id, std::map<std::string, int> structure);

// Marks the app as being destroyed, which is never taken back. False: it is gone; by its uuid, because
// another one may have its name by now.
Task<bool> mark_destroying(pg::Session& db, App app);
Task<bool> is_destroying(pg::Session& db, std::string id);
Task<std::vector<App>> list_destroying(pg::Session& db);  // the longest first
// With everything that belongs to it. Only one that is marked.
Task<> delete_app(pg::Session& db, std::string id);

// One app with its live release and its containers: all that the reconciler needs, in three statements for
// all apps but those that are being destroyed.
struct WantedRow {
  App app;
  std::optional<ReleaseBundle> live;
  std::vector<Container> containers;
};
Task<std::vector<WantedRow>> list_wanted(pg::Session& db);

}  // namespace deis::controller::storage
