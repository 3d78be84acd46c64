#include "controller/storage/pg/database.h"

#include "controller/storage/pg/pool.h"
#include "core/base/error.h"

#include <algorithm>

namespace deis::pg {
namespace {

constexpr std::size_t kPipelines = 3;

}  // namespace

Task<std::unique_ptr<Connection>> Pool::take(Deadline deadline) {
  if (!address_) throw Error(ErrorCode::unavailable, "the database has not been announced yet");
  while (out_ >= maximum_) {
    const bool freed = co_await freed_.wait(deadline);
    if (!freed) throw Error(ErrorCode::unavailable, "all connections to PostgreSQL are busy");
  }
  ++out_;
  try {
    while (!idle_.empty()) {
      std::unique_ptr<Connection> connection = std::move(idle_.back());
      idle_.pop_back();
      if (connection->reusable() && connection->address() == *address_) co_return connection;
    }
    co_return co_await Connection::open(*address_, deadline);
  } catch (...) {
    give_back(nullptr);
    throw;
  }
}

void Pool::give_back(std::unique_ptr<Connection> connection) {
  --out_;
  if (connection && connection->reusable() && address_ && connection->address() == *address_)
    idle_.push_back(std::move(connection));
  freed_.notify();
}

Task<Result> Pool::read(std::string_view sql, const Params& params, Deadline deadline) {
  const auto pipeline = co_await pick(deadline);
  co_return co_await pipeline->query(sql, params, deadline);
}

// The one with the least to do. Another is opened only when all are busy.
Task<std::shared_ptr<Pipeline>> Pool::pick(Deadline deadline) {
  for (;;) {
    if (!address_) throw Error(ErrorCode::unavailable, "the database has not been announced yet");
    std::erase_if(pipelines_, [&](const auto& one) { return !one->usable() || one->address() != *address_; });
    const auto best =
        std::ranges::min_element(pipelines_, {}, [](const auto& one) { return one->in_flight(); });
    const bool have = best != pipelines_.end();
    if (have && ((*best)->in_flight() == 0 || opening_ || pipelines_.size() >= kPipelines)) co_return *best;
    if (!opening_) break;
    const bool opened = co_await opened_.wait(deadline);
    if (!opened) throw Error(ErrorCode::unavailable, "PostgreSQL takes too long to let us in");
  }
  co_return co_await open_pipeline(deadline);
}

Task<std::shared_ptr<Pipeline>> Pool::open_pipeline(Deadline deadline) {
  opening_ = true;
  std::shared_ptr<Pipeline> pipeline;
  std::exception_ptr failure;
  try {
    pipeline = co_await Pipeline::open(*address_, deadline);
    pipelines_.push_back(pipeline);
  } catch (...) {
    failure = std::current_exception();
  }
  opening_ = false;
  opened_.notify();
  if (failure) std::rethrow_exception(failure);
  co_return pipeline;
}

void Pool::set_address(Address address) {
  if (address_ == address) return;
  log_.info("database address", {{"host", address.host}, {"port", address.port}});
  address_ = std::move(address);
  idle_.clear();
  pipelines_.clear();
}

namespace {

// By its first word. A statement that reads is sent again after a failure of its neighbours, and does not
// wait for locks.
bool only_reads(std::string_view sql) {
  return sql.starts_with("SELECT") || sql.starts_with("WITH whole");
}

// Gives the connection back whatever happens.
class Borrowed {
 public:
  Borrowed(Pool& pool, std::unique_ptr<Connection> connection)
      : pool_(pool), connection_(std::move(connection)) {}
  Borrowed(const Borrowed&) = delete;
  Borrowed& operator=(const Borrowed&) = delete;
  ~Borrowed() { pool_.give_back(std::move(connection_)); }
  Connection& operator*() { return *connection_; }

 private:
  Pool& pool_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace

const controller::Vault& Session::vault() const {
  if (!vault_) throw Error(ErrorCode::internal, "this database was given no vault for its secrets");
  return *vault_;
}

AutoCommit::AutoCommit(std::shared_ptr<Pool> pool, Deadline deadline)
    : Session(pool->vault), pool_(std::move(pool)), deadline_(deadline) {}

Task<Result> AutoCommit::query(std::string_view sql, Params params) {
  ++pool_->statements;
  if (only_reads(sql)) co_return co_await pool_->read(sql, params, deadline_);
  std::unique_ptr<Connection> taken = co_await pool_->take(deadline_);
  Borrowed connection(*pool_, std::move(taken));
  co_return co_await (*connection).query(sql, std::move(params), deadline_);
}

Transaction::Transaction(
    std::shared_ptr<Pool> pool, std::unique_ptr<Connection> connection, Deadline deadline)
    : Session(pool->vault), pool_(std::move(pool)), connection_(std::move(connection)), deadline_(deadline) {}

Transaction::Transaction(Transaction&&) noexcept = default;

// A connection inside of a transaction is not reusable: the pool closes it, and the server rolls back.
Transaction::~Transaction() {
  if (connection_) pool_->give_back(std::move(connection_));
}

Task<Result> Transaction::query(std::string_view sql, Params params) {
  ++pool_->statements;
  if (!connection_) throw Error(ErrorCode::internal, "statement after commit");
  co_return co_await connection_->query(sql, std::move(params), deadline_);
}

Task<> Transaction::run_script(std::string_view sql) {
  if (!connection_) throw Error(ErrorCode::internal, "script after commit");
  co_await connection_->run_script(sql, deadline_);
}

// A transaction in which a statement failed answers COMMIT by rolling back, and calls that a success.
Task<> Transaction::commit() {
  const Result result = co_await query("COMMIT", Params());
  pool_->give_back(std::move(connection_));
  if (result.tag() != "COMMIT") throw Error(ErrorCode::internal, "commit after a statement that failed");
}

Database::Database(Executor executor, std::size_t max_connections, Log log)
    : pool_(std::make_shared<Pool>(std::move(executor), max_connections, std::move(log))) {}
Database::~Database() = default;

void Database::set_address(Address address) {
  pool_->set_address(std::move(address));
}

void Database::use_vault(const controller::Vault& vault) {
  pool_->vault = &vault;
}

std::uint64_t Database::statements() const {
  return pool_->statements;
}

AutoCommit Database::session(Deadline deadline) {
  return AutoCommit(pool_, deadline);
}

Task<Transaction> Database::begin(Deadline deadline) {
  std::unique_ptr<Connection> connection = co_await pool_->take(deadline);
  Transaction transaction(pool_, std::move(connection), deadline);
  co_await transaction.query("BEGIN", Params());
  co_return transaction;
}

Task<std::string> Database::check(Deadline deadline) {
  std::string problem;
  try {
    AutoCommit db = session(deadline);
    co_await db.query("SELECT 1", Params());
  } catch (const Error& error) {
    if (error.code() == ErrorCode::canceled) throw;
    problem = error.what();
  }
  co_return problem;
}

}  // namespace deis::pg
