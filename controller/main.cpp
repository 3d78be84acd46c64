// deis-controller [--engine swarm|memory]: the HTTP API, the releases behind it, and the roll-outs they
// cause. With --engine memory it stands alone (stand_alone.h). Called acme-hook it is acme/hook.h.

#include "controller/acme/hook.h"
#include "controller/api/response.h"
#include "controller/api/server.h"
#include "controller/database_link.h"
#include "controller/domain/auto_cert_keeper.h"
#include "controller/domain/key_keeper.h"
#include "controller/domain/services.h"
#include "controller/domain/wanted.h"
#include "controller/events/container_feed.h"
#include "controller/key_routes.h"
#include "controller/scheduler/reconciler.h"
#include "controller/scheduler/routers.h"
#include "controller/scheduler/swarm_engine.h"
#include "controller/settings_keeper.h"
#include "controller/stand_alone.h"
#include "core/component/announcer.h"
#include "core/component/directory.h"
#include "core/component/runtime.h"
#include "core/component/volume.h"
#include "core/docker/client.h"
#include "core/json/json.h"

#include <cstdlib>
#include <iostream>
#include <string_view>

namespace deis::controller {
namespace {

constexpr std::uint16_t kAdminPort = 8001;
constexpr std::chrono::seconds kLease{10};
constexpr std::chrono::seconds kVolumeLimit{10};  // for one look; then it looks again
constexpr auto kDockerSocket = "/var/run/docker.sock";

// The logger announces where it takes lines and, as "query", where it answers questions about them.
std::optional<net::Endpoint> find_logger(const component::Directory& loggers) {
  const auto host = loggers.any();
  if (!host) return std::nullopt;
  try {
    const auto announcement = json::parse(host->raw);
    return net::Endpoint::parse(std::string_view(announcement.at("query").as_string()));
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

Task<> serve_api(
    component::Runtime& runtime, SettingsKeeper& settings, etcd::Session& session, api::ApiServer& api) {
  const std::uint16_t port = co_await settings.port();
  const auto address = net::Endpoint::tcp("127.0.0.1", port);
  auto handler = [&api](net::Request request) { return api.handle(std::move(request)); };
  net::HttpServer::Options options{.own_headers = api::version_headers()};
  net::HttpServer server(runtime.executor(), address, handler, runtime.log(), std::move(options));
  component::Announcer announcer(
      session,
      component::announce_key("controller", runtime.options().host_id),
      component::announce_value(server.endpoint()),
      component::http_probe(server.endpoint(), "/healthz"),
      runtime.log());
  net::TaskGroup group(runtime.executor());
  group.spawn(server.run());
  group.spawn(announcer.run());
  co_await group.join();
}

// Nothing is wanted, and nothing is a stranger, before the database has told what there shall be.
Task<> reconcile(DatabaseLink& database, Reconciler& reconciler) {
  co_await database.wait_ready();
  co_await reconciler.run();
}

Task<> publish_certificates(DatabaseLink& database, Certs& certs) {
  co_await database.wait_ready();
  co_await certs.keep_published();
}

Task<> keep_auto_certs(DatabaseLink& database, AutoCertKeeper& keeper) {
  co_await database.wait_ready();
  co_await keeper.run();
}

// DEIS_DATA is for a controller without a store.
Task<std::string> find_data_directory(component::Runtime& runtime) {
  const char* given = std::getenv("DEIS_DATA");
  if (given && *given) co_return given;
  const auto volume =
      co_await component::wait_for_volume(runtime.executor(), runtime.etcd(), "controller", in(kVolumeLimit));
  co_return volume.path;
}

Task<> keep_audit_bounded(DatabaseLink& database, Services& services) {
  co_await database.wait_ready();
  co_await services.audit.run();
}

int serve(component::RuntimeOptions options, std::string_view engine_kind) {
  component::Runtime runtime(std::move(options));
  const Executor executor = runtime.executor();
  const Log& log = runtime.log();

  SettingsKeeper settings(executor, runtime.etcd(), log);
  DatabaseLink database(executor, runtime.etcd(), log);
  Vault vault;
  database.database().use_vault(vault);
  const auto find_directory = [&runtime] { return find_data_directory(runtime); };
  KeyKeeper keys(executor, database.database(), vault, runtime.workers(), find_directory, log);
  database.before_ready([&keys] { return keys.open(); });
  component::Directory loggers(executor, runtime.etcd(), "logger", log);
  etcd::Session session(executor, runtime.etcd(), kLease, log);

  const bool stands_alone = engine_kind == "memory";
  docker::Client docker(executor, net::Endpoint::unix_socket(kDockerSocket));
  SwarmOptions swarm_options;
  swarm_options.settings = [&settings] { return settings.current().containers; };
  SwarmEngine swarm(executor, docker, log, std::move(swarm_options));
  RegistryClient registry(executor, runtime.etcd(), log);
  const auto alone = stands_alone ? std::make_unique<StandAlone>(runtime) : nullptr;
  Engine& engine = alone ? alone->engine() : swarm;
  ZeroDowntimeScheduler scheduler(
      executor,
      engine,
      runtime.etcd(),
      alone ? nullptr : &registry,
      log,
      alone ? StandAlone::scheduler_options() : SchedulerOptions());

  settings.observe([&](const PlatformSettings& now) {
    scheduler.cluster().options.routers_within = std::chrono::seconds(now.switch_seconds);
  });

  AppLocks locks(executor);
  Operations operations(executor);
  const AppLog app_log = alone ? alone->app_log() : AppLog::to_standard_output();
  EventLog events(executor);
  ContainerFeed containers(events);
  scheduler.cluster().view.observe([&](const JobName& job, const PublishedEndpoint* endpoint) {
    containers.endpoint_changed(job, endpoint);
  });
  AppLogs logs(executor, [&] { return alone ? alone->logger() : find_logger(loggers); });
  Context context{
      .database = database.database(),
      .scheduler = scheduler,
      .etcd = runtime.etcd(),
      .locks = locks,
      .operations = operations,
      .app_log = app_log,
      .events = events,
      .settings = settings.current(),
      .log = log};
  AttachedRuns attached_runs(executor, context);
  Services services(context, logs, attached_runs);
  AutoCertKeeper auto_certs(
      executor,
      {.context = context,
       .workers = runtime.workers(),
       .client = {},
       .wait_for_routers = [&](auto revision) { return wait_for_routers(scheduler.cluster(), revision); },
       .look_up = acme::system_look_up(runtime.workers())});
  services.auto_certs.on_wanted([&auto_certs] { auto_certs.look(); });
  Reconciler reconciler(scheduler, runtime.etcd(), read_wanted(context), shared_try_lock(locks));
  reconciler.also_finish([&services] { return services.apps.finish_destructions(); });
  api::ApiServer api([&] { return database.ready() ? &services : nullptr; }, runtime.metrics(), log);
  api.say_why_closed([&] { return keys.why_closed(); });
  add_key_routes(runtime, keys);

  if (alone) {
    alone->on_reset([&] {
      services.users.forget_login_attempts();
      attached_runs.end_all();
      events.forget_all();
    });
    alone->add_to(
        runtime,
        {.settings = settings, .database = database, .scheduler = scheduler, .operations = operations});
  } else {
    runtime.add("engine", [&] { return swarm.serve(); });
  }
  runtime.add("settings", [&] { return settings.run(); });
  runtime.add("database", [&] { return database.run(); });
  runtime.add("loggers", [&] { return loggers.run(); });
  runtime.add("session", [&] { return session.run(etcd::Session::AtStop::revoke); });
  runtime.add("scheduler", [&] { return scheduler.run(); });
  runtime.add("operations", [&] { return operations.serve(); });
  runtime.add("keys", [&] { return keys.run(); });
  runtime.add("audit", [&] { return keep_audit_bounded(database, services); });
  runtime.add("attached runs", [&] { return attached_runs.serve(); });
  runtime.add("events", [&] { return events.serve(); });
  runtime.add("containers", [&] {
    return engine.watch([&](const JobChange& change) { containers.job_changed(change); });
  });
  runtime.add("reconciler", [&] { return reconcile(database, reconciler); });
  runtime.add("certificates", [&] { return publish_certificates(database, services.certs); });
  runtime.add("automatic certificates", [&] { return keep_auto_certs(database, auto_certs); });
  runtime.add("api", [&] { return serve_api(runtime, settings, session, api); });
  runtime.ready_when("database", [&] { return database.problem(); });
  runtime.metrics().before_text([&] {
    const auto statements = static_cast<double>(database.database().statements());
    runtime.metrics().set(
        "deis_controller_database_statements", "Statements sent to PostgreSQL.", statements);
  });
  return runtime.run();
}

}  // namespace
}  // namespace deis::controller

int main(int argc, char** argv) {
  if (deis::controller::acme::is_hook(argv[0])) return deis::controller::acme::run_hook(argc, argv);
  const std::string_view option = argc > 1 ? argv[1] : "--engine";
  const std::string_view engine = argc > 2 ? argv[2] : "swarm";
  if (argc == 2 || argc > 3 || option != "--engine" || (engine != "swarm" && engine != "memory")) {
    std::cerr << "usage: deis-controller [--engine swarm|memory]\n";
    return 2;
  }
  return deis::component::run_daemon(
      "controller", deis::controller::kAdminPort, [engine](deis::component::RuntimeOptions options) {
        return deis::controller::serve(std::move(options), engine);
      });
}
