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
    Log log,
    Limits limits)
    : docker_(docker),
      controller_(controller),
      registry_(registry),
      repositories_(repositories),
      log_(std::move(log)),
      limits_(limits) {}

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
  const Turn turn(busy_, push.app.str());
  for (const RefUpdate& update : push.updates) co_await deploy(push, options, update, say);
}

Task<> Pipeline::deploy(Push push, PushOptions options, RefUpdate update, Say say) {
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
  std::exception_ptr failure;
  try {
    co_await build(commit, image, say);
    co_await push_image(image, say);
    co_await say("-----> Launching... \n");
    NewBuild release{push.app, push.identity.user, update.new_sha, std::move(procfile), options.canary};
    const LaunchedRelease launched = co_await controller_.release(std::move(release), in(limits_.build));
    std::string report = report_of(push.app, launched, options);
    log_.info("deployed", {{"app", push.app.str()}, {"release", launched.version}, {"sha", update.new_sha}});
    co_await say(std::move(report));
  } catch (...) {
    failure = std::current_exception();
  }
  if (!failure) co_return;
  co_await undo(image, push.app);
  std::rethrow_exception(failure);
}

Task<std::map<std::string, std::string>> Pipeline::read_procfile(Repositories::Commit commit) {
  const auto text = co_await repositories_.read_file(std::move(commit), "Procfile", in(kCallLimit));
  if (!text) co_return std::map<std::string, std::string>();
  co_return parse_procfile(*text);
}

Task<> Pipeline::build(Repositories::Commit commit, Image image, Say say) {
  co_await say("-----> Building Docker image\n");
  const Deadline deadline = in(limits_.build);
  docker::BuildOptions options;
  options.tag = image.reference();
  options.labels = {{"deis.app", commit.app.str()}};
  options.memory_bytes = limits_.memory_bytes;
  BuildOutput output;
  std::exception_ptr failure;
  try {
    net::BodySource archive = repositories_.archive(commit, limits_.context_bytes, deadline);
    std::unique_ptr<docker::Source<docker::Progress>> build =
        co_await docker_.build(std::move(archive), std::move(options), deadline);
    for (;;) {
      std::optional<docker::Progress> progress = co_await build->next(deadline);
      if (!progress) break;
      output.take(progress->text);
      if (!progress->text.empty()) co_await say(progress->text);
      if (!progress->error.empty()) throw Error(ErrorCode::invalid, progress->error);
    }
  } catch (...) {
    failure = std::current_exception();
  }
  if (!failure) co_return;
  // Even when the pusher is gone and we were cancelled: what the build made so far must not stay.
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  for (const std::string& id : output.new_images()) {
    try {
      co_await docker_.remove_image(id, false, in(kCallLimit));
    } catch (const Error& error) {
      log_.debug("image of a failed build stays", {{"image", id}, {"error", error.what()}});
    }
  }
  std::rethrow_exception(failure);
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

// Takes back what a push that failed has left: the tag in the registry and the image here.
Task<> Pipeline::undo(Image image, AppId app) {
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  if (image.existed) co_return;
  try {
    co_await registry_.delete_tag(app.str(), image.tag, in(kCallLimit));
  } catch (const Error& error) {
    log_.warning(
        "a tag of a failed push stays in the registry",
        {{"image", image.reference()}, {"error", error.what()}});
  }
  // A container of the failed release may take a moment to be gone; until then Docker keeps its image.
  for (int attempt = 0; attempt < 60; ++attempt) {
    try {
      co_await docker_.remove_image(image.reference(), false, in(kCallLimit));
      co_return;
    } catch (const Error& error) {
      if (error.code() != ErrorCode::conflict) co_return;
    }
    co_await net::sleep_for(500ms);
  }
}

}  // namespace deis::builder
