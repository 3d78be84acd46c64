#pragma once
// PostgreSQL for coroutines: a bounded pool of connections, prepared statements, parameters only. Loop thread
// only.
//   auto db = database.session(deadline);                 // each statement commits by itself
//   auto tx = co_await database.begin(deadline);          // statements together ...
//   co_await tx.commit();                                 // ... or not at all: without commit() everything
//   is rolled back
// Errors: server away or restarted: Unreachable; no connection free in time: unavailable; deadline: timeout;
// unique violation: conflict with the constraint's name as field; foreign key: conflict; serialization
// failure: conflict.

#include "controller/storage/pg/result.h"
#include "core/base/error.h"
#include "core/base/log.h"
#include "core/net/task.h"

#include <memory>
#include <string>

namespace deis::controller {
class Vault;
}

namespace deis::pg {

struct Address {
  std::string host = "127.0.0.1";
  std::uint16_t port = 5432;
  std::string database, user, password;
  bool operator==(const Address&) const = default;
};

// The server is away, restarted, or ended our connection. The message is for operators: it names addresses
// and says what libpq said.
class Unreachable : public Error {
 public:
  explicit Unreachable(const std::string& message) : Error(ErrorCode::unavailable, message) {}
};

class Connection;
class Pool;

// Where repositories run their statements: on any connection, or on a transaction's own.
class Session {
 public:
  virtual ~Session() = default;
  // `sql` must be a constant of the program: it is prepared once per connection and kept.
  virtual Task<Result> query(std::string_view sql, Params params) = 0;
  // What the secret columns of this database are sealed with: it travels with the session, so that no
  // repository is handed another one. Error{internal} when the database was given none.
  const controller::Vault& vault() const;

 protected:
  explicit Session(const controller::Vault* vault) : vault_(vault) {}

 private:
  const controller::Vault* vault_;
};

class AutoCommit : public Session {
 public:
  AutoCommit(std::shared_ptr<Pool> pool, Deadline deadline);
  Task<Result> query(std::string_view sql, Params params) override;

 private:
  std::shared_ptr<Pool> pool_;
  Deadline deadline_;
};

class Transaction : public Session {
 public:
  Transaction(std::shared_ptr<Pool> pool, std::unique_ptr<Connection> connection, Deadline deadline);
  Transaction(Transaction&&) noexcept;
  ~Transaction() override;
  Task<Result> query(std::string_view sql, Params params) override;
  Task<> run_script(std::string_view sql);  // several statements without parameters: migrations only
  Task<> commit();

 private:
  std::shared_ptr<Pool> pool_;
  std::unique_ptr<Connection> connection_;
  Deadline deadline_;
};

class Database {
 public:
  // `max_connections` 1-64, each for one user at a time: transactions and statements that change something
  // wait in line for a free one. Statements that only read share up to three more (pipeline.h).
  Database(Executor executor, std::size_t max_connections, Log log);
  ~Database();

  // Where the server is. New connections go there; existing ones to another address are dropped when they
  // come free. Until the first call everything is Error{unavailable}.
  void set_address(Address address);
  // Must outlive the database.
  void use_vault(const controller::Vault& vault);

  AutoCommit session(Deadline deadline);
  Task<Transaction> begin(Deadline deadline);
  // "" when a statement works, else why not.
  Task<std::string> check(Deadline deadline);
  // How many statements were asked for in all; tests hold requests to their budget with it.
  std::uint64_t statements() const;

 private:
  std::shared_ptr<Pool> pool_;
};

}  // namespace deis::pg
