#pragma once
// The life of the platform's database: find the volume, decide (start_decision.h), start PostgreSQL, give it
// the role and the database of the platform, publish the login, announce. See README.md.

#include "core/component/announcer.h"
#include "core/component/settings.h"
#include "core/net/offload.h"
#include "core/net/task_group.h"
#include "database/data_volume.h"
#include "database/server_config.h"
#include "database/server_files.h"

namespace deis::database {

class Database {
 public:
  // `settings`: of /deis/database/. All references must outlive the object.
  Database(
      Executor executor,
      etcd::Client& etcd,
      etcd::Session& session,
      component::Settings& settings,
      net::WorkerPool& workers,
      std::string host_id,
      Log log);

  Task<> run();  // until cancelled; PostgreSQL is stopped then
  // Why nobody can log in; "" when they can.
  std::string trouble() const;

 private:
  std::optional<std::string> offered_token() const;
  Task<> lock(DataVolume& volume);
  Task<> make_data(DataVolume& volume);
  Task<> initialise(DataVolume& volume);
  Task<> serve(DataVolume& volume);
  Task<> look_after(const DataVolume& volume, Secrets secrets, net::TaskGroup& group);
  Task<> provision_server(const Secrets& secrets);
  Task<> keep_published(Secrets secrets);
  Task<> publish(const Secrets& secrets);
  void set_trouble(std::string reason);

  Executor executor_;
  etcd::Client& etcd_;
  etcd::Session& session_;
  component::Settings& settings_;
  net::WorkerPool& workers_;
  std::string host_id_;
  Log log_;
  Account account_;
  ServerConfig config_;
  std::unique_ptr<component::Announcer> announcer_;
  std::string trouble_ = "waiting for the settings";
};

}  // namespace deis::database
