#include "builder/sweeper.h"

#include "core/base/error.h"
#include "core/net/backoff.h"

namespace deis::builder {

using namespace std::chrono_literals;

constexpr auto kEvery = 10min;
constexpr int kAttempts = 8;  // within about 20 s

Sweeper::Sweeper(
    Executor executor,
    etcd::Client& etcd,
    ControllerClient& controller,
    Repositories& repositories,
    Pipeline& pipeline,
    Housekeeper& housekeeper,
    Log log)
    : apps_(etcd, "/deis/apps/", log),
      hint_(std::move(executor)),
      controller_(controller),
      repositories_(repositories),
      pipeline_(pipeline),
      housekeeper_(housekeeper),
      log_(log) {}

Task<> Sweeper::follow() {
  auto note = [this](const etcd::MirrorUpdate& update) -> Task<> {
    for (const etcd::Change& change : update.changes) {
      if (change.deleted) hint_.notify();
    }
    co_return;
  };
  co_await apps_.run(std::move(note));
}

Task<> Sweeper::run() {
  for (;;) {
    co_await hint_.wait(in(kEvery));
    net::Backoff pause(250ms, 8s);
    bool in_doubt = true;
    for (int attempt = 0; in_doubt && attempt < kAttempts; ++attempt) {
      if (attempt > 0) co_await net::sleep_for(pause.next());
      try {
        in_doubt = co_await sweep();
      } catch (const Error& error) {
        if (error.code() == ErrorCode::canceled) throw;
        log_.info("repositories could not be swept", {{"error", error.what()}});
      }
    }
  }
}

Task<bool> Sweeper::sweep() {
  bool in_doubt = false;
  co_await repositories_.finish_removals(in(60s));
  const std::vector<AppId> apps = co_await repositories_.all();
  for (const AppId& app : apps) {
    if (apps_.entries().contains("/deis/apps/" + app.str())) continue;
    const bool gone = !pipeline_.is_busy(app) && co_await controller_.is_certainly_gone(app, in(10s));
    if (!gone) {
      in_doubt = true;
      continue;
    }
    co_await housekeeper_.make_way(app);
    co_await repositories_.erase(app, in(60s));
    log_.info("repository removed", {{"app", app.str()}});
  }
  co_return in_doubt;
}

}  // namespace deis::builder
