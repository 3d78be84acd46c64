#pragma once
// The last stage of a push: the controller releases the image, and what came to nothing is undone. From here
// on it does not matter whether the pusher stays: the release is made or not, and only the controller knows.
// So an image is removed when it says that no release uses it, and stays when nobody can say.

#include "builder/attempts.h"
#include "builder/controller_client.h"
#include "builder/registry.h"
#include "core/base/log.h"
#include "core/docker/client.h"
#include "core/net/event.h"
#include "core/net/task_group.h"

#include <memory>

namespace deis::builder {

class Launcher {
 public:
  struct Limits {
    std::chrono::seconds release{20 * 60};
    std::chrono::seconds doubt{2 * 60};  // how long the controller is asked what became of a release
  };
  Launcher(
      Executor executor,
      docker::Client& docker,
      ControllerClient& controller,
      Registry& registry,
      Attempts& attempts,
      Log log,
      Limits limits);

  // Throws what the controller said when there is no release; the image is gone then. Cancelling ends only
  // the waiting. `hold` is kept until nothing is open any more.
  Task<LaunchedRelease> launch(Attempt attempt, NewBuild build, std::shared_ptr<void> hold);
  // Removes what a push that did not come as far as that has made, here and in the registry. Not cancellable.
  Task<> undo(Attempt attempt);
  // Goes on with what a builder before us was killed in.
  void take_over(Attempt attempt, std::shared_ptr<void> hold);
  // A part of the daemon: owns the launches, and ends them when it is cancelled.
  Task<> run();

 private:
  struct Outcome;
  Task<> carry_out(
      Attempt attempt, NewBuild build, std::shared_ptr<void> hold, std::shared_ptr<Outcome> outcome);
  Task<std::optional<LaunchedRelease>> settle(Attempt attempt);
  Task<> finish(Attempt attempt, std::shared_ptr<void> hold);
  Task<std::optional<ReleaseOfCommit>> ask(AppId app, std::string sha);
  Task<> remove_layers(std::vector<std::string> layers);
  Task<bool> remove_tag(Attempt attempt);
  Task<std::optional<std::string>> remove_image(std::string reference, Deadline patience);
  Task<> forget(AppId app);

  Executor executor_;
  docker::Client& docker_;
  ControllerClient& controller_;
  Registry& registry_;
  Attempts& attempts_;
  Log log_;
  Limits limits_;
  net::TaskGroup tasks_;
};

}  // namespace deis::builder
