#include "controller/domain/attached_runs.h"

#include "controller/domain/validation.h"
#include "core/base/random.h"

#include <fmt/format.h>

#include <algorithm>

namespace deis::controller {

AttachedRuns::AttachedRuns(Executor executor, Context& context, SessionLimits limits)
    : executor_(executor), context_(context), limits_(limits), group_(std::move(executor)) {}

void AttachedRuns::check_room(const AppId& app) const {
  const auto is_of_app = [&](const auto& entry) { return entry.second.app == app; };
  const auto of_app = static_cast<std::size_t>(std::ranges::count_if(sessions_, is_of_app));
  if (of_app < kMaxOfApp && sessions_.size() + starting_ < kMax) return;
  throw Error(ErrorCode::conflict, fmt::format("{} attached runs are under way: end one first", of_app));
}

Task<AttachedRuns::Opened> AttachedRuns::open(
    Runs& runs, App app, User by, std::string command, AttachOptions options) {
  check_room(app.id);
  Runs::Prepared prepared = co_await runs.prepare(app, by, std::move(command));
  co_return co_await context_.operations.run(start(std::move(prepared), by.username, options));
}

Task<AttachedRuns::Opened> AttachedRuns::start(Runs::Prepared prepared, UserName by, AttachOptions options) {
  const JobName job = prepared.job.name;
  check_room(job.app);
  ++starting_;
  const std::shared_ptr<void> until_started(nullptr, [this](void*) { --starting_; });
  AttachedRun run;
  try {
    run = co_await context_.scheduler.run_attached(std::move(prepared.job), options);
  } catch (const Error& error) {
    tell_failed_run(context_.app_log, job.app, error);
    throw;
  }
  if (stopping_) throw Error(ErrorCode::unavailable, "the controller is stopping");
  Opened opened{.session = random_hex(16), .job = job};
  auto session = std::make_shared<RunSession>(executor_, std::move(run), limits_);
  sessions_.emplace(opened.session, Entry{job.app, std::move(by), session});
  group_.spawn(keep(opened.session, std::move(session), std::move(prepared.number)));
  co_return opened;
}

Task<> AttachedRuns::keep(
    std::string id, std::shared_ptr<RunSession> session, [[maybe_unused]] std::shared_ptr<void> number) {
  try {
    co_await session->live();
  } catch (const std::exception& error) {
    // It must not end the others.
    context_.log.warning("an attached run ended badly", {{"why", error.what()}});
  }
  sessions_.erase(id);
}

std::shared_ptr<RunSession> AttachedRuns::find(
    const App& app, const User& by, const std::string& session) const {
  const auto found = sessions_.find(session);
  const bool may = found != sessions_.end() && found->second.app == app.id &&
                   (by.is_superuser || found->second.user == by.username);
  if (!may) throw not_found();
  return found->second.session;
}

void AttachedRuns::end_all() {
  for (const auto& [unused, entry] : sessions_) entry.session->stop();
}

Task<> AttachedRuns::serve() {
  net::Event never(executor_);
  try {
    for (;;) co_await never.wait(Deadline::max());
  } catch (const Error&) {
  }
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  co_await stop();
}

Task<> AttachedRuns::stop() {
  stopping_ = true;
  end_all();
  group_.cancel();
  co_await group_.join();
}

}  // namespace deis::controller
