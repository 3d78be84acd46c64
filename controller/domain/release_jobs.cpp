#include "controller/domain/release_jobs.h"

#include "controller/domain/config_rules.h"
#include "controller/domain/process_types.h"
#include "core/base/error.h"

#include <fmt/format.h>

#include <array>

namespace deis::controller {
namespace {

constexpr std::size_t kShortSha = 8;

constexpr std::array<std::string_view, 14> kComponentRepositories = {
    "deis/builder",
    "deis/cache",
    "deis/controller",
    "deis/database",
    "deis/logger",
    "deis/logspout",
    "deis/publisher",
    "deis/registry",
    "deis/router",
    "deis/store-admin",
    "deis/store-daemon",
    "deis/store-gateway",
    "deis/store-metadata",
    "deis/store-monitor",
};

// The platform's own three win over what the user set.
StringMap environment(const ReleaseBundle& bundle) {
  StringMap env = bundle.config.values;
  env["DEIS_APP"] = bundle.release.app;
  env["DEIS_RELEASE"] = fmt::format("v{}", bundle.release.version);
  if (!bundle.build->sha.empty()) env["GIT_SHA"] = bundle.build->sha;
  return env;
}

JobSpec base_spec(
    const ReleaseBundle& bundle,
    const std::string& registry,
    const std::string& type,
    int num,
    ProcessCommand command) {
  const AppId app = AppId::parse(bundle.release.app);
  JobName name{.app = app, .release = bundle.release.version, .type = ProcessType::parse(type), .num = num};
  return JobSpec{
      .name = std::move(name),
      .image = image_of(*bundle.build, app, registry),
      .entrypoint = std::move(command.entrypoint),
      .arguments = std::move(command.arguments),
      .env = environment(bundle)};
}

}  // namespace

std::string image_of(const Build& build, const AppId& app, const std::string& registry) {
  if (build.sha.empty()) return build.image;
  return fmt::format("{}/{}:git-{}", registry, app.str(), build.sha.substr(0, kShortSha));
}

void check_image_allowed(const std::string& image) {
  for (const auto repository : kComponentRepositories) {
    if (image.find(repository) == std::string::npos) continue;
    const auto tag = image.find(':', image.rfind('/') + 1);
    throw Error(ErrorCode::forbidden, fmt::format("Repository name {} is not allowed", image.substr(0, tag)));
  }
}

JobName job_name(const Container& container, std::int64_t release) {
  return JobName{
      .app = AppId::parse(container.app),
      .release = release,
      .type = ProcessType::parse(container.type),
      .num = container.num};
}

JobSpec job_spec(const ReleaseBundle& bundle, const std::string& registry, const std::string& type, int num) {
  JobSpec spec = base_spec(bundle, registry, type, num, command_for(*bundle.build, type));
  const Config& config = bundle.config;
  if (const auto limit = config.memory.find(type); limit != config.memory.end()) {
    spec.memory_bytes = memory_bytes(limit->second);
  }
  if (const auto limit = config.cpu.find(type); limit != config.cpu.end()) spec.cpu_shares = limit->second;
  if (const auto limit = config.pids.find(type); limit != config.pids.end()) spec.pids_limit = limit->second;
  spec.tags = config.tags;
  return spec;
}

std::vector<JobSpec> job_specs(
    const ReleaseBundle& bundle, const std::string& registry, const std::vector<Container>& formation) {
  std::vector<JobSpec> specs;
  if (!bundle.build) return specs;
  for (const auto& container : formation)
    specs.push_back(job_spec(bundle, registry, container.type, container.num));
  return specs;
}

JobSpec run_spec(
    const ReleaseBundle& bundle, const std::string& registry, const std::string& command, int num) {
  return base_spec(bundle, registry, kRunType, num, command_for_run(*bundle.build, command));
}

}  // namespace deis::controller
