#include "controller/domain/app_lock.h"

namespace deis::controller {

AppBusy::AppBusy(const AppId& app)
    : Error(
          ErrorCode::conflict,
          "Config changes already in progress.\nAnother change of " + app.str() +
              " is under way: try again when it has ended.") {}

AppLocks::AppLocks(Executor executor) : executor_(std::move(executor)) {}

AppLocks::Guard::Guard(Guard&& other) noexcept
    : locks_(std::exchange(other.locks_, nullptr)), app_(other.app_) {}

AppLocks::Guard::~Guard() {
  if (locks_) locks_->unlock(app_);
}

std::optional<AppLocks::Guard> AppLocks::try_lock(const AppId& app) {
  if (held_.contains(app)) return std::nullopt;
  held_.emplace(app, std::make_shared<net::Event>(executor_));
  return Guard(this, app);
}

Task<AppLocks::Guard> AppLocks::lock(AppId app, Deadline deadline) {
  for (;;) {
    if (auto guard = try_lock(app)) co_return std::move(*guard);
    const auto released = held_.at(app);
    const bool in_time = co_await released->wait(deadline);
    if (!in_time) throw AppBusy(app);
  }
}

void AppLocks::unlock(const AppId& app) {
  const auto entry = held_.extract(app);
  entry.mapped()->notify();
}

std::function<std::shared_ptr<void>(const AppId&)> shared_try_lock(AppLocks& locks) {
  return [&locks](const AppId& app) -> std::shared_ptr<void> {
    auto guard = locks.try_lock(app);
    if (!guard) return nullptr;
    return std::make_shared<AppLocks::Guard>(std::move(*guard));
  };
}

}  // namespace deis::controller
