#include "builder/launcher.h"

#include "core/base/error.h"
#include "core/net/backoff.h"

#include <boost/asio/this_coro.hpp>

namespace deis::builder {

using namespace std::chrono_literals;

namespace {

constexpr auto kImageCallLimit = 30s;
constexpr auto kRegistryPatience = 30s;  // until it is back
constexpr auto kImagePatience = 30s;     // until no container uses it
constexpr auto kLayerPatience = 10s;     // the same for all layers: one that others build upon stays theirs

}  // namespace

struct Launcher::Outcome {
  explicit Outcome(Executor executor) : ended(std::move(executor)) {}
  std::optional<LaunchedRelease> released;
  std::exception_ptr failure;
  bool done = false;
  net::Event ended;
};

Launcher::Launcher(
    Executor executor,
    docker::Client& docker,
    ControllerClient& controller,
    Registry& registry,
    Attempts& attempts,
    Log log,
    Limits limits)
    : executor_(executor),
      docker_(docker),
      controller_(controller),
      registry_(registry),
      attempts_(attempts),
      log_(std::move(log)),
      limits_(limits),
      tasks_(executor) {}

Task<> Launcher::run() {
  net::Event never(executor_);
  try {
    for (;;) co_await never.wait(Deadline::max());
  } catch (const Error&) {
    // We shall end.
  }
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  tasks_.cancel();
  co_await tasks_.join();
}

Task<LaunchedRelease> Launcher::launch(Attempt attempt, NewBuild build, std::shared_ptr<void> hold) {
  const auto outcome = std::make_shared<Outcome>(executor_);
  tasks_.spawn(carry_out(std::move(attempt), std::move(build), std::move(hold), outcome));
  while (!outcome->done) co_await outcome->ended.wait(Deadline::max());  // carry_out() has its limits
  if (outcome->released) co_return *outcome->released;
  std::rethrow_exception(outcome->failure);
}

Task<> Launcher::carry_out(
    Attempt attempt, NewBuild build, std::shared_ptr<void> hold, std::shared_ptr<Outcome> outcome) {
  const AppId app = attempt.app;
  try {
    outcome->released = co_await controller_.release(std::move(build), in(limits_.release));
  } catch (...) {
    outcome->failure = std::current_exception();
  }
  if (outcome->released || attempt.image.existed) {
    co_await forget(app);
  } else {
    outcome->released = co_await settle(attempt);
  }
  if (outcome->released)
    log_.info(
        "deployed", {{"app", app.str()}, {"release", outcome->released->version}, {"sha", attempt.sha}});
  hold.reset();
  outcome->done = true;
  outcome->ended.notify();
}

// The release that was made all the same, or nothing is left of the attempt. Even a refusal is no proof: the
// connection to the database may have broken while it committed.
Task<std::optional<LaunchedRelease>> Launcher::settle(Attempt attempt) {
  std::optional<ReleaseOfCommit> found;
  try {
    found = co_await ask(attempt.app, attempt.sha);
  } catch (const Error&) {
    // We shall end: it stays open.
  }
  if (!found) {
    log_.warning(
        "an image stays until the builder starts again: nobody says whether a release uses it",
        {{"app", attempt.app.str()}, {"image", attempt.image.reference()}});
    co_return std::nullopt;
  }
  if (found->release) {
    co_await forget(attempt.app);
  } else {
    co_await undo(std::move(attempt));
  }
  co_return found->release;
}

void Launcher::take_over(Attempt attempt, std::shared_ptr<void> hold) {
  tasks_.spawn(finish(std::move(attempt), std::move(hold)));
}

Task<> Launcher::finish(Attempt attempt, std::shared_ptr<void> hold) {
  log_.info("a push was interrupted", {{"app", attempt.app.str()}, {"image", attempt.image.reference()}});
  if (attempt.launching && !attempt.image.existed) {
    co_await settle(std::move(attempt));
  } else {
    co_await undo(std::move(attempt));
  }
  hold.reset();
}

// nullopt: it does not say. While a change of the app is under way it cannot, and refuses.
Task<std::optional<ReleaseOfCommit>> Launcher::ask(AppId app, std::string sha) {
  const Deadline deadline = in(limits_.doubt);
  net::Backoff pause(100ms, 5s);
  for (;;) {
    try {
      co_return co_await controller_.release_of(app, sha, in(kImageCallLimit));
    } catch (const Error& error) {
      if (error.code() == ErrorCode::canceled) throw;
      log_.info("nobody says what became of a release", {{"app", app.str()}, {"error", error.what()}});
    }
    if (std::chrono::steady_clock::now() > deadline) co_return std::nullopt;
    co_await net::sleep_for(pause.next());
  }
}

Task<> Launcher::undo(Attempt attempt) {
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  co_await remove_layers(attempt.layers);
  bool done = true;
  if (!attempt.image.existed) {
    done = co_await remove_tag(attempt);
    const std::string image = attempt.image.reference();
    const std::optional<std::string> why = co_await remove_image(image, in(kImagePatience));
    if (why) log_.warning("the image of a failed push stays", {{"image", image}, {"error", *why}});
  }
  if (done) co_await forget(attempt.app);
}

Task<> Launcher::remove_layers(std::vector<std::string> layers) {
  const Deadline patience = in(kLayerPatience);
  for (const std::string& id : layers) {
    const std::optional<std::string> why = co_await remove_image(id, patience);
    if (why) log_.warning("a layer of a failed build stays", {{"image", id}, {"error", *why}});
  }
}

// Whether it is not there any more.
Task<bool> Launcher::remove_tag(Attempt attempt) {
  const Deadline deadline = in(kRegistryPatience);
  net::Backoff pause(100ms, 2s);
  for (;;) {
    std::string why;
    try {
      co_await registry_.delete_tag(attempt.app.str(), attempt.image.tag, in(kImageCallLimit));
      co_return true;
    } catch (const Error& error) {
      why = error.what();
    }
    if (std::chrono::steady_clock::now() > deadline) {
      log_.warning(
          "a tag of a failed push stays in the registry until the builder starts again",
          {{"image", attempt.image.reference()}, {"error", why}});
      co_return false;
    }
    co_await net::sleep_for(pause.next());
  }
}

Task<> Launcher::forget(AppId app) {
  try {
    co_await attempts_.remove(app);
  } catch (const Error& error) {
    log_.warning("the note of a push stays", {{"app", app.str()}, {"error", error.what()}});
  }
}

// Why it stays. A container of the failed build or release may take a moment to be gone; until then Docker
// keeps its image.
Task<std::optional<std::string>> Launcher::remove_image(std::string reference, Deadline patience) {
  net::Backoff pause(50ms, 1s);
  for (;;) {
    std::string why;
    try {
      co_await docker_.remove_image(reference, false, in(kImageCallLimit));
      co_return std::nullopt;
    } catch (const Error& error) {
      if (error.code() == ErrorCode::not_found) co_return std::nullopt;
      why = error.what();
      if (error.code() != ErrorCode::conflict) co_return why;
    }
    if (std::chrono::steady_clock::now() > patience) co_return why;
    co_await net::sleep_for(pause.next());
  }
}

}  // namespace deis::builder
