#include "database/database.h"

#include "core/base/error.h"
#include "core/component/directory.h"
#include "core/component/supervisor.h"
#include "core/component/volume.h"
#include "core/json/json.h"
#include "core/net/backoff.h"
#include "database/login_probe.h"
#include "database/provision.h"

#include <signal.h>

namespace deis::database {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr auto kCallTime = seconds(5);
constexpr auto kLookAgain = seconds(2);       // after a refusal
constexpr auto kInitdbTime = seconds(300);    // a slow disk
constexpr auto kStatementTime = seconds(60);  // CREATE DATABASE copies files
constexpr const char* kTokenSetting = "initToken";

std::string database_address(std::uint16_t port) {
  return json::to_text(json::object{{"address", "tcp://127.0.0.1:" + std::to_string(port)}});
}

component::Supervisor::Options postgres_options() {
  component::Supervisor::Options options;
  options.stop_signal = SIGINT;  // "fast": ends sessions, writes a checkpoint
  options.stop_timeout = seconds(20);
  return options;
}

}  // namespace

Database::Database(
    Executor executor,
    etcd::Client& etcd,
    etcd::Session& session,
    component::Settings& settings,
    net::WorkerPool& workers,
    std::string host_id,
    Log log)
    : executor_(executor),
      etcd_(etcd),
      session_(session),
      settings_(settings),
      workers_(workers),
      host_id_(std::move(host_id)),
      log_(std::move(log)),
      account_(Account::find()) {}

std::string Database::trouble() const {
  if (!trouble_.empty()) return trouble_;
  return announcer_ && announcer_->announced() ? "" : "PostgreSQL does not accept the platform's login";
}

void Database::set_trouble(std::string reason) {
  if (reason == trouble_) return;
  trouble_ = std::move(reason);
  if (!trouble_.empty()) log_.error("the database is not available", {{"why", trouble_}});
}

Task<> Database::run() {
  co_await settings_.wait_synced();
  config_.port = static_cast<std::uint16_t>(settings_.get_int("port", kDefaultPort, 1, 65535));
  trouble_ = "waiting for the store";
  const auto place = co_await component::wait_for_volume(executor_, etcd_, "database", Deadline::max());
  DataVolume volume(place.path);
  co_await lock(volume);
  co_await make_data(volume);
  co_await serve(volume);
}

Task<> Database::lock(DataVolume& volume) {
  while (!volume.try_lock()) {
    set_trouble("another daemon still holds the volume");
    co_await net::sleep_for(milliseconds(100));
  }
}

std::optional<std::string> Database::offered_token() const {
  auto token = settings_.find(kTokenSetting);
  if (token && token->empty()) return std::nullopt;
  return token;
}

// Returns when there is data to start on. A refusal is no reason to end: the operator may bring the volume or
// the token.
Task<> Database::make_data(DataVolume& volume) {
  for (;;) {
    std::string reason;
    try {
      const Decision decision = decide(volume.look(offered_token()));
      if (decision.action == Decision::Action::start) co_return;
      if (decision.action == Decision::Action::initialise) {
        co_await initialise(volume);
        co_return;
      }
      reason = decision.reason;
    } catch (const Error& error) {
      if (error.code() == ErrorCode::canceled) throw;
      reason = error.what();
    }
    set_trouble(std::move(reason));
    co_await net::sleep_for(kLookAgain);
  }
}

Task<> Database::initialise(DataVolume& volume) {
  log_.info("making a new database under the one-time token");
  trouble_ = "making a new database";
  volume.mark_initialising(*offered_token());
  volume.make_empty_data(account_.uid, account_.gid);
  co_await process::check_output(executor_, initdb_command(volume, account_), in(kInitdbTime));
}

Task<> Database::serve(DataVolume& volume) {
  trouble_ = "PostgreSQL is starting";
  const Secrets secrets = volume.secrets();
  const auto command = [&] { return server_command(volume, account_); };
  component::Supervisor server(executor_, "postgres", command, log_, postgres_options());
  server.before_start([&]() -> Task<> {
    if (remove_stale_pid_file(volume)) log_.warning("removed the postmaster.pid of a server that was killed");
    write_server_files(volume, config_, account_);
    co_return;
  });
  announcer_ = std::make_unique<component::Announcer>(
      session_,
      component::announce_key("database", host_id_),
      database_address(config_.port),
      login_probe(workers_, platform_login(config_, secrets)),
      log_);

  net::TaskGroup group(executor_);
  group.spawn(server.run());
  group.spawn(look_after(volume, secrets, group));
  co_await group.join();
}

// What follows once PostgreSQL answers. The order matters: the login is published and announced only for a
// database whose making is completed in the volume.
Task<> Database::look_after(const DataVolume& volume, Secrets secrets, net::TaskGroup& group) {
  co_await provision_server(secrets);
  volume.mark_complete();
  trouble_.clear();
  group.spawn(announcer_->run());
  co_await keep_published(std::move(secrets));
}

Task<> Database::provision_server(const Secrets& secrets) {
  net::Backoff backoff(milliseconds(20), milliseconds(500));
  const std::function<void()> work = [&] {
    Connection superuser(superuser_login(config_), kStatementTime);
    provision(superuser, secrets);
  };
  for (;;) {
    try {
      co_await workers_.run(work);
      co_return;
    } catch (const Error& error) {
      if (error.code() == ErrorCode::canceled) throw;
      log_.debug("PostgreSQL is not up yet", {{"why", error.what()}});
    }
    const auto pause = backoff.next();
    co_await net::sleep_for(pause);
  }
}

// As long as we live: somebody may empty etcd.
Task<> Database::keep_published(Secrets secrets) {
  net::Backoff backoff;
  for (;;) {
    const auto seen = settings_.revision();
    std::string failure;
    try {
      co_await publish(secrets);
    } catch (const Error& error) {
      if (error.code() == ErrorCode::canceled) throw;
      failure = error.what();
    }
    if (failure.empty()) {
      backoff.reset();
      co_await settings_.changed_since(seen);
    } else {
      log_.warning("the login cannot be published", {{"why", failure}});
      const auto pause = backoff.next();
      co_await net::sleep_for(pause);
    }
  }
}

Task<> Database::publish(const Secrets& secrets) {
  const std::map<std::string, std::string> login{
      {"name", std::string(kDatabaseName)}, {"user", std::string(kRoleName)}, {"password", secrets.password}};
  for (const auto& [key, value] : login) {
    if (settings_.find(key) != value) co_await etcd_.put("/deis/database/" + key, value, in(kCallTime));
  }
  if (!settings_.find("port")) {
    co_await etcd_.create("/deis/database/port", std::to_string(config_.port), in(kCallTime));
  }
  // It was for one database, and that is here.
  if (settings_.find(kTokenSetting)) {
    const bool removed = co_await etcd_.erase(std::string("/deis/database/") + kTokenSetting, in(kCallTime));
    if (removed) log_.info("the init token is used up and removed");
  }
}

}  // namespace deis::database
