#include "controller/domain/pushes.h"

#include "controller/domain/canary_rules.h"
#include "controller/storage/canaries.h"
#include "controller/storage/releases.h"

namespace deis::controller {

Task<Push> Pushes::record(App app, Push push) {
  push.app = app.id.str();
  push.owner = push.receive_user;
  auto db = context_.database.session(query_deadline());
  // Before the build rather than after it.
  const auto canary = co_await storage::find_canary(db, app.id.str());
  if (canary) throw canary_is_on(*canary);
  co_return co_await storage::create_push(db, std::move(push));
}

}  // namespace deis::controller
