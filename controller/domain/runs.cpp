#include "controller/domain/runs.h"

#include "controller/domain/release_jobs.h"
#include "controller/domain/validation.h"
#include "controller/storage/releases.h"
#include "core/base/random.h"

#include <fmt/format.h>

namespace deis::controller {
namespace {

// Numbers are drawn, not counted: a container that a dead controller left behind must not stand in the way.
constexpr int kNumbers = 100'000;

}  // namespace

Task<RunResult> Runs::run(App app, User by, std::string command) {
  int num = 0;
  do {
    num = 1 + static_cast<int>(random_below(kNumbers));
  } while (!under_way_.insert({app.id, num}).second);
  context_.app_log.info(app.id, fmt::format("{} runs '{}'", by.username.str(), command));
  std::exception_ptr failure;
  RunResult result;
  try {
    result = co_await context_.operations.run(run_numbered(app, std::move(command), num));
  } catch (...) {
    failure = std::current_exception();
  }
  under_way_.erase({app.id, num});
  if (failure) std::rethrow_exception(failure);
  co_return result;
}

Task<RunResult> Runs::run_numbered(App app, std::string command, int num) {
  auto db = context_.database.session(query_deadline());
  const auto live = co_await storage::find_bundle(db, app.id.str(), std::nullopt);
  if (!live) throw not_found();
  if (!live->build) {
    throw Error(ErrorCode::invalid, "No build associated with this release to run this command");
  }
  co_return co_await context_.scheduler.run(run_spec(*live, context_.settings.registry, command, num));
}

}  // namespace deis::controller
