#include "builder/pipeline.h"

#include "builder/build_output.h"
#include "builder/procfile.h"
#include "core/base/error.h"

#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>

namespace deis::builder {

using namespace std::chrono_literals;

namespace {

constexpr auto kCallLimit = 30s;

// The app is taken as long as this lives, however its push ends.
class Turn {
 public:
  Turn(std::set<std::string>& busy, const std::string& app) : busy_(busy), app_(app) { busy_.insert(app_); }
  ~Turn() { busy_.erase(app_); }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  std::set<std::string>& busy_;
  std::string app_;
};

std::string report_of(const AppId& app, const LaunchedRelease& launched, const PushOptions& options) {
  if (options.canary)
    return fmt::format(
        "       done, {0}:v{1} is a canary and gets {2}% of the requests to\n\n       http://{3}\n\n"
        "       `deis releases:promote -a {0}` is for everybody, `deis releases:abort -a {0}` for nobody\n\n",
        app.str(),
        launched.version,
        *options.canary,
        launched.domain);
  return fmt::format(
      "       done, {0}:v{1} deployed to Deis\n\n       http://{2}\n\n       To learn more, use `deis "
      "help`\n\n",
      app.str(),
      launched.version,
      launched.domain);
}

}  // namespace

Pipeline::Pipeline(
    docker::Client& docker,
    ControllerClient& controller,
    Registry& registry,
    Repositories& repositories,
    Launcher& launcher,
    Attempts& attempts,
    Log log,
    Limits limits)
    : docker_(docker),
      controller_(controller),
      registry_(registry),
      repositories_(repositories),
      launcher_(launcher),
      attempts_(attempts),
      log_(std::move(log)),
      limits_(limits) {}

void Pipeline::take_over(std::vector<Attempt> attempts) {
  for (Attempt& attempt : attempts) {
    auto turn = std::make_shared<Turn>(busy_, attempt.app.str());
    launcher_.take_over(std::move(attempt), std::move(turn));
  }
}

Task<> Pipeline::run(Push push, Say say) {
  if (is_busy(push.app)) {
    throw Error(
        ErrorCode::conflict,
        fmt::format("another push to {} is in progress: wait until it has ended", push.app.str()));
  }
  if (busy_.size() >= limits_.at_once) {
    throw Error(
        ErrorCode::unavailable,
        fmt::format("{} builds are running already: try again in a minute", busy_.size()));
  }
  const PushOptions options = parse_push_options(push.raw_options);
  const auto turn = std::make_shared<Turn>(busy_, push.app.str());
  for (const RefUpdate& update : push.updates) co_await deploy(push, options, update, turn, say);
}

Task<> Pipeline::deploy(
    Push push, PushOptions options, RefUpdate update, std::shared_ptr<void> turn, Say say) {
  if (update.is_deletion())
    throw Error(ErrorCode::invalid, fmt::format("{} cannot be deleted: destroy the app instead", update.ref));
  PushRecord record{push.identity, push.app, update.new_sha, push.ssh_connection, push.original_command};
  co_await controller_.record_push(std::move(record), in(kCallLimit));

  const Repositories::Commit commit{push.app, update.new_sha, push.objects};
  const auto dockerfile = co_await repositories_.read_file(commit, "Dockerfile", in(kCallLimit));
  if (!dockerfile)
    throw Error(
        ErrorCode::invalid,
        "there is no Dockerfile at the root of the repository (buildpacks are not supported yet)");
  std::map<std::string, std::string> procfile = co_await read_procfile(commit);

  Image image{registry_.repository(push.app.str()), "git-" + update.new_sha.substr(0, 8)};
  image.existed = co_await registry_.has_tag(push.app.str(), image.tag, in(kCallLimit));
  Attempt attempt{.app = push.app, .sha = update.new_sha, .image = std::move(image)};
  co_await make_image(commit, attempt, say);
  NewBuild release{push.app, push.identity.user, update.new_sha, std::move(procfile), options.canary};
  const LaunchedRelease launched = co_await launcher_.launch(attempt, std::move(release), std::move(turn));
  std::string report = report_of(push.app, launched, options);
  co_await say(std::move(report));
}

Task<> Pipeline::make_image(Repositories::Commit commit, Attempt& attempt, Say say) {
  std::exception_ptr failure;
  try {
    co_await attempts_.write(attempt);
    co_await build(commit, attempt, say);
    attempt.layers.clear();  // the image's own now
    co_await push_image(attempt.image, say);
    co_await say("-----> Launching... \n");
    attempt.launching = true;
    co_await attempts_.write(attempt);
  } catch (...) {
    failure = std::current_exception();
  }
  if (!failure) co_return;
  // Even when the pusher is gone and we were cancelled: what is awaited from here on would throw at once.
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  co_await launcher_.undo(attempt);
  try {
    co_await repositories_.remove_quarantine(commit, in(kCallLimit));
  } catch (const Error& error) {
    log_.debug("a quarantine goes with the next start", {{"error", error.what()}});
  }
  std::rethrow_exception(failure);
}

Task<std::map<std::string, std::string>> Pipeline::read_procfile(Repositories::Commit commit) {
  const auto text = co_await repositories_.read_file(std::move(commit), "Procfile", in(kCallLimit));
  if (!text) co_return std::map<std::string, std::string>();
  co_return parse_procfile(*text);
}

Task<> Pipeline::build(Repositories::Commit commit, Attempt& attempt, Say say) {
  co_await say("-----> Building Docker image\n");
  const Deadline deadline = in(limits_.build);
  docker::BuildOptions options;
  options.tag = attempt.image.reference();
  options.labels = {{"deis.app", commit.app.str()}};
  options.memory_bytes = limits_.memory_bytes;
  BuildOutput output;
  net::BodySource archive = repositories_.archive(commit, limits_.context_bytes, deadline);
  std::unique_ptr<docker::Source<docker::Progress>> build =
      co_await docker_.build(std::move(archive), std::move(options), deadline);
  for (;;) {
    std::optional<docker::Progress> progress = co_await build->next(deadline);
    if (!progress) co_return;
    output.take(progress->text);
    std::vector<std::string> layers = output.new_images();
    if (layers.size() != attempt.layers.size()) {
      attempt.layers = std::move(layers);
      co_await attempts_.write(attempt);
    }
    if (!progress->text.empty()) co_await say(progress->text);
    if (!progress->error.empty()) throw Error(ErrorCode::invalid, progress->error);
  }
}

Task<> Pipeline::push_image(Image image, Say say) {
  co_await say("-----> Pushing image to private registry\n");
  const Deadline deadline = in(limits_.build);
  std::unique_ptr<docker::Source<docker::Progress>> push =
      co_await docker_.push(image.repository, image.tag, deadline);
  for (;;) {
    const std::optional<docker::Progress> progress = co_await push->next(deadline);
    if (!progress) co_return;
    if (!progress->error.empty())
      throw Error(
          ErrorCode::unavailable, "the image could not be pushed to the registry: " + progress->error);
  }
}

}  // namespace deis::builder
