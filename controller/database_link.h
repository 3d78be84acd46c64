#pragma once
// The way to PostgreSQL: finds it in etcd, follows it when it moves, and brings its schema up to date before
// anybody uses it.

#include "controller/storage/pg/database.h"
#include "core/component/directory.h"
#include "core/component/settings.h"

#include <functional>

namespace deis::controller {

class DatabaseLink {
 public:
  DatabaseLink(Executor executor, etcd::Client& etcd, Log log);

  pg::Database& database() { return database_; }
  // Whether the schema is there; from then on statements fail one by one when the server is away.
  bool ready() const { return ready_; }
  Task<> wait_ready();
  // For /readyz: "" or what is wrong.
  std::string problem() const { return problem_; }

  // Runs behind the migrations; as long as it throws, nothing is ready.
  void before_ready(std::function<Task<>()> prepare) { prepare_ = std::move(prepare); }

  Task<> run();

 private:
  Task<> watch();
  void take_address();
  Task<> migrate();
  void report(const std::string& problem);

  Executor executor_;
  Log log_;
  component::Directory hosts_;
  component::Settings account_;
  pg::Database database_;
  std::function<Task<>()> prepare_;
  net::Event became_ready_;
  bool ready_ = false;
  bool has_address_ = false;
  std::string problem_ = "not announced in etcd yet";
};

}  // namespace deis::controller
