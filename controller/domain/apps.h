#pragma once
// Apps and who may use them (contract api.md §3.8, §3.17).

#include "controller/domain/app_logs.h"
#include "controller/domain/context.h"
#include "controller/domain/model.h"
#include "controller/domain/page.h"
#include "controller/events/cause.h"
#include "controller/storage/apps.h"

namespace deis::controller {

class Apps {
 public:
  Apps(Context& context, AppLogs& logs) : context_(context), logs_(logs) {}

  Task<std::optional<App>> find(AppId id);
  // And whether it is shared with him.
  Task<std::optional<storage::AppAccess>> find_for(
      AppId id, User user, storage::Find which = storage::Find::living);
  Task<Page<App>> list(
      User user, PageRequest page);  // his own and those shared with him; administrators see all
  Task<Page<App>> list_some(User user, std::vector<std::string> ids, PageRequest page);  // of those, these
  // With its empty first release and its route. Without `id` a free name is made. Error{conflict, "id"} when
  // it is taken; Error{conflict} when it will be free as soon as its app is wholly destroyed.
  Task<App> create(User owner, std::optional<AppId> id);
  Task<> transfer(App app, User new_owner);
  // Containers, images, route, logs, rows: nothing is left. It is begun by a mark in PostgreSQL and from then
  // on never given up: what fails, or is cut off with the controller, finish_destructions() does. May be
  // repeated.
  Task<> destroy(App app, Cause cause);
  // Of all apps that are marked. True when none is left. For the reconciler.
  Task<bool> finish_destructions();

  Task<std::vector<std::string>> collaborators(App app);
  Task<> grant(App app, User target, User by);
  Task<> revoke(App app, User target, User by);  // Error{forbidden} when there is no grant

 private:
  Task<App> create_named(User owner, AppId id);
  Task<App> write_new(User owner, AppId id);
  Task<AppId> free_name();
  Task<> destroy_locked(App app, Cause cause);
  Task<bool> finish_destruction(App app);
  Task<> destroy_all_of(App app, OnPhase on_phase);
  Task<> transfer_locked(App app, User new_owner);

  Context& context_;
  AppLogs& logs_;
};

}  // namespace deis::controller
