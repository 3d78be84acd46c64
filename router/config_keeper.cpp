#include "router/config_keeper.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/process/process.h"

#include <fstream>
#include <signal.h>
#include <sstream>

namespace deis::router {

using namespace std::chrono_literals;

namespace {

constexpr auto kLook = 1s;    // how often settings and nginx are compared
constexpr int kPatience = 5;  // looks until a reload that does not come is a problem

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void write_file(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (!file) throw Error(ErrorCode::internal, "cannot write " + path);
}

std::string checked(
    const component::Settings& settings,
    const char* key,
    std::string fallback,
    bool (*rule)(const std::string&)) {
  const std::string value = settings.get(key, fallback);
  return rule(value) ? value : fallback;
}

}  // namespace

ConfigKeeper::ConfigKeeper(
    Executor executor,
    component::Settings& router,
    component::Settings& controller,
    Agent& agent,
    NginxControl& nginx,
    Paths paths,
    int routes,
    Log log)
    : executor_(std::move(executor)),
      router_(router),
      controller_(controller),
      agent_(agent),
      nginx_(nginx),
      paths_(std::move(paths)),
      routes_(routes),
      log_(log) {}

StaticSettings ConfigKeeper::wanted() const {
  StaticSettings s;
  s.http_port = router_.get_int("port", s.http_port, 1, 65535);
  s.builder_port = router_.get_int("builderPort", s.builder_port, 1, 65535);
  s.max_worker_connections = router_.get_int("maxWorkerConnections", s.max_worker_connections, 64, 65535);
  s.default_timeout = router_.get_int("defaultTimeout", s.default_timeout, 1, 86400);
  s.worker_processes = checked(router_, "workerProcesses", s.worker_processes, is_worker_processes);
  s.body_size = checked(router_, "bodySize", s.body_size, is_size);
  s.error_log_level = checked(router_, "errorLogLevel", s.error_log_level, is_log_level);
  s.access_log = checked(router_, "accessLog", s.access_log, is_access_log);
  s.controller_subdomain = checked(controller_, "subdomain", s.controller_subdomain, is_subdomain);
  s.builder = agent_.wanted().builder().value_or(s.builder);
  return s;
}

Task<> ConfigKeeper::run() {
  co_await router_.wait_synced();
  co_await controller_.wait_synced();
  for (;;) {
    const std::string before = problem_;
    problem_ = co_await bring_up_to_date();
    if (!problem_.empty() && problem_ != before) log_.error("nginx configuration", {{"problem", problem_}});
    co_await agent_.builder_changed().wait(in(kLook));
  }
}

// "" or why nginx does not run what the settings say.
Task<std::string> ConfigKeeper::bring_up_to_date() {
  const RenderedConfig config = render_config(paths_, wanted());
  if (config.text != read_file(paths_.config())) {
    std::string refused = co_await install(config.text);
    if (!refused.empty()) co_return refused;
  }
  std::string running;
  try {
    running = co_await nginx_.running_configuration(in(2s));
  } catch (const Error& error) {
    if (error.code() == ErrorCode::canceled) throw;
    co_return "";  // it is away, and reads the file when it starts
  }
  if (running == config.fingerprint) {
    reloads_ = 0;
    co_return "";
  }
  signal_nginx(paths_, SIGHUP);
  log_.info("nginx shall reload", {{"configuration", config.fingerprint}, {"running", running}});
  co_return reloads_++ < kPatience ? "" : "nginx does not take the new configuration: its log says why";
}

// "" or why nginx refuses it.
Task<std::string> ConfigKeeper::install(const std::string& text) {
  const std::string candidate = paths_.config() + ".candidate";
  write_file(candidate, text);
  std::string refused = co_await refusal(candidate);
  if (!refused.empty()) co_return "refused, the last good one stays: " + refused;
  if (::rename(candidate.c_str(), paths_.config().c_str()) != 0)
    throw Error(ErrorCode::internal, "cannot replace " + paths_.config());
  co_return "";
}

Task<std::string> ConfigKeeper::refusal(const std::string& candidate) {
  process::Command test;
  test.argv = {"nginx", "-t", "-q", "-c", candidate};
  test.inherited = {routes_};
  const process::Output output = co_await process::run(executor_, std::move(test), "", in(10s));
  co_return output.exit.ok() ? "" : std::string(trim(output.err));
}

}  // namespace deis::router
