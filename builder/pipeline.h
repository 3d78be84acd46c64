#pragma once
// From a pushed commit to a release: authorise, build, push the image, release. What fails is undone and said
// in words.

#include "builder/controller_client.h"
#include "builder/launcher.h"
#include "builder/push_options.h"
#include "builder/registry.h"
#include "builder/repositories.h"
#include "core/base/log.h"
#include "core/docker/client.h"

#include <functional>
#include <set>

namespace deis::builder {

struct Push {
  Identity identity;
  AppId app;
  std::string ssh_connection, original_command;
  std::string objects;  // git's quarantine
  std::vector<RefUpdate> updates;
  std::vector<std::string> raw_options;  // as the pusher wrote them
};

class Pipeline {
 public:
  struct Limits {
    std::size_t context_bytes = 1024UL * 1024 * 1024;
    std::int64_t memory_bytes = 2048LL * 1024 * 1024;
    std::chrono::minutes build{20};
    std::size_t at_once = 4;
  };
  // What the pusher sees, a piece at a time; throws when he is gone, which ends the build.
  using Say = std::function<Task<>(std::string)>;

  Pipeline(
      docker::Client& docker,
      ControllerClient& controller,
      Registry& registry,
      Repositories& repositories,
      Launcher& launcher,
      Attempts& attempts,
      Log log,
      Limits limits);

  // Throws Error with the reason when the push must be declined. One push per app at a time.
  Task<> run(Push push, Say say);
  // What a builder before us has left. Pushes to these apps are declined until it is settled.
  void take_over(std::vector<Attempt> attempts);
  bool is_busy(const AppId& app) const { return busy_.contains(app.str()); }

 private:
  Task<> deploy(Push push, PushOptions options, RefUpdate update, std::shared_ptr<void> turn, Say say);
  // Built and in the registry, or nothing of it.
  Task<> make_image(Repositories::Commit commit, Attempt& attempt, Say say);
  Task<std::map<std::string, std::string>> read_procfile(Repositories::Commit commit);
  Task<> build(Repositories::Commit commit, Attempt& attempt, Say say);
  Task<> push_image(Image image, Say say);

  docker::Client& docker_;
  ControllerClient& controller_;
  Registry& registry_;
  Repositories& repositories_;
  Launcher& launcher_;
  Attempts& attempts_;
  Log log_;
  Limits limits_;
  std::set<std::string> busy_;
};

}  // namespace deis::builder
