#include "builder/housekeeper.h"

#include "core/base/error.h"

namespace deis::builder {

using namespace std::chrono_literals;

constexpr auto kCollectLimit = 10min;

Housekeeper::Housekeeper(Executor executor, Repositories& repositories, Log log)
    : executor_(executor),
      repositories_(repositories),
      log_(std::move(log)),
      work_(executor),
      hint_(executor),
      ended_(executor) {}

void Housekeeper::note(const AppId& app) {
  waiting_.insert(app);
  hint_.notify();
}

Task<> Housekeeper::make_way(AppId app) {
  waiting_.erase(app);
  while (current_ == app) {
    work_.cancel();
    co_await ended_.wait(in(1s));
  }
}

Task<> Housekeeper::run() {
  for (;;) {
    while (waiting_.empty()) co_await hint_.wait(Deadline::max());
    current_ = *waiting_.begin();
    waiting_.erase(waiting_.begin());
    work_.spawn(collect(*current_));
    std::exception_ptr failure;
    try {
      co_await work_.join();
    } catch (...) {
      failure = std::current_exception();
    }
    current_.reset();
    ended_.notify();
    if (failure) std::rethrow_exception(failure);
  }
}

Task<> Housekeeper::collect(AppId app) {
  try {
    co_await repositories_.collect_garbage(app, in(kCollectLimit));
  } catch (const Error& error) {
    if (error.code() == ErrorCode::canceled) throw;
    log_.warning("housekeeping of a repository failed", {{"app", app.str()}, {"error", error.what()}});
  }
}

}  // namespace deis::builder
