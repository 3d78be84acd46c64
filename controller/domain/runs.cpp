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

void tell_failed_run(const AppLog& log, const AppId& app, const Error& error) {
  log.error(app, std::string("the command could not be run: ") + error.what());
}

Task<RunResult> Runs::run(App app, User by, std::string command) {
  Prepared prepared = co_await prepare(std::move(app), std::move(by), std::move(command));
  co_return co_await context_.operations.run(run_prepared(std::move(prepared)));
}

Task<RunResult> Runs::run_prepared(Prepared prepared) {
  const AppId app = prepared.job.name.app;
  try {
    co_return co_await context_.scheduler.run(std::move(prepared.job));
  } catch (const Error& error) {
    tell_failed_run(context_.app_log, app, error);
    throw;
  }
}

Task<Runs::Prepared> Runs::prepare(App app, User by, std::string command) {
  context_.app_log.info(app.id, fmt::format("{} runs '{}'", by.username.str(), command));
  auto db = context_.database.session(query_deadline());
  const auto live = co_await storage::find_bundle(db, app.id.str(), std::nullopt);
  if (!live) throw not_found();
  if (!live->build) {
    throw Error(ErrorCode::invalid, "No build associated with this release to run this command");
  }
  int num = 0;
  do {
    num = 1 + static_cast<int>(random_below(kNumbers));
  } while (!numbers_->insert({app.id, num}).second);
  const auto give_back = [numbers = numbers_, id = app.id, num](void*) { numbers->erase({id, num}); };
  Prepared prepared{
      .number = std::shared_ptr<void>(nullptr, give_back),
      .job = run_spec(*live, context_.settings.registry, command, num)};
  co_return prepared;
}

}  // namespace deis::controller
