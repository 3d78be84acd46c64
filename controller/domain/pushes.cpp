#include "controller/domain/pushes.h"

#include "controller/storage/releases.h"

namespace deis::controller {

Task<Push> Pushes::record(App app, Push push) {
  push.app = app.id.str();
  push.owner = push.receive_user;
  auto db = context_.database.session(query_deadline());
  co_return co_await storage::create_push(db, std::move(push));
}

}  // namespace deis::controller
