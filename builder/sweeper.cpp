#include "builder/sweeper.h"

#include "core/base/error.h"

namespace deis::builder {

using namespace std::chrono_literals;

Sweeper::Sweeper(
    Executor executor,
    etcd::Client& etcd,
    ControllerClient& controller,
    Repositories& repositories,
    Pipeline& pipeline,
    Log log)
    : apps_(etcd, "/deis/apps/", log),
      hint_(std::move(executor)),
      controller_(controller),
      repositories_(repositories),
      pipeline_(pipeline),
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
    co_await hint_.wait(in(10min));
    for (int attempt = 0; attempt < 5; ++attempt) {
      std::string problem;
      try {
        co_await sweep();
        break;
      } catch (const Error& error) {
        if (error.code() == ErrorCode::canceled) throw;
        problem = error.what();
      }
      log_.info("repositories could not be swept, trying again", {{"error", problem}});
      co_await net::sleep_for(1s);
    }
  }
}

Task<> Sweeper::sweep() {
  for (const AppId& app : repositories_.all()) {
    if (apps_.entries().contains("/deis/apps/" + app.str()) || pipeline_.is_busy(app)) continue;
    const bool gone = co_await controller_.is_certainly_gone(app, in(10s));
    if (!gone) continue;
    co_await repositories_.erase(app, in(60s));
    log_.info("repository removed", {{"app", app.str()}});
  }
}

}  // namespace deis::builder
