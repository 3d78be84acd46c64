#include "controller/storage/pg/connection.h"

#include "controller/storage/pg/libpq.h"
#include "core/base/error.h"
#include "core/base/text.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

namespace deis::pg {
namespace {

std::string where(const Address& address) {
  return fmt::format("PostgreSQL at {}:{}", address.host, address.port);
}

// Whatever a deadline or a crash of ours makes us abandon ends on the server too: it looks for a closed
// connection while it works. The two timeouts are for a connection whose end it never hears of.
constexpr auto kOptions =
    "-c client_connection_check_interval=500 -c statement_timeout=60000 "
    "-c idle_in_transaction_session_timeout=60000 -c timezone=UTC -c datestyle=ISO "
    // A plan serves all parameters: our statements look rows up by keys.
    "-c plan_cache_mode=force_generic_plan -c jit=off";

// libpq would write notices to stderr, between the lines of our log.
void drop_notice(void*, const PGresult*) {}

}  // namespace

// SQLSTATE classes: PostgreSQL manual, appendix A.
std::exception_ptr failure_of(const PGresult* result) {
  const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const char* constraint = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);
  const std::string message(trim(PQresultErrorMessage(result)));
  const std::string_view code = state ? state : "";
  if (code == "23505")
    return std::make_exception_ptr(
        Error(ErrorCode::conflict, constraint ? constraint : "", "This field must be unique."));
  if (code == "23503" || code == "40001" || code == "40P01")
    return std::make_exception_ptr(Error(ErrorCode::conflict, message));
  if (code == "57014") return std::make_exception_ptr(Error(ErrorCode::timeout, message));
  if (code.starts_with("08") || code.starts_with("57P") || code.starts_with("53") || code.empty()) {
    return std::make_exception_ptr(Unreachable(message));
  }
  return std::make_exception_ptr(
      Error(ErrorCode::internal, fmt::format("PostgreSQL: {} ({})", message, code)));
}

Connection::Connection(Address address, void* connection)
    : address_(std::move(address)), connection_(connection) {}

Connection::~Connection() {
  socket_.reset();
  PQfinish(pg(connection_));
}

Task<std::unique_ptr<Connection>> Connection::open(Address address, Deadline deadline) {
  const std::string port = std::to_string(address.port);
  const char* names[] = {
      "hostaddr", "port", "dbname", "user", "password", "application_name", "options", nullptr};
  const char* values[] = {
      address.host.c_str(),
      port.c_str(),
      address.database.c_str(),
      address.user.c_str(),
      address.password.c_str(),
      "deis-controller",
      kOptions,
      nullptr};
  PGconn* raw = PQconnectStartParams(names, values, 0);
  if (!raw) throw Error(ErrorCode::internal, "out of memory for a PostgreSQL connection");
  PQsetNoticeReceiver(raw, drop_notice, nullptr);
  std::unique_ptr<Connection> connection(new Connection(std::move(address), raw));
  co_await connection->finish_connecting(deadline);
  co_return connection;
}

Task<> Connection::finish_connecting(Deadline deadline) {
  const Executor executor = co_await asio::this_coro::executor;
  PGconn* raw = pg(connection_);
  PostgresPollingStatusType status =
      PQstatus(raw) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
  while (status != PGRES_POLLING_OK) {
    if (status == PGRES_POLLING_FAILED) {
      throw Unreachable(fmt::format("cannot connect to {}: {}", where(address_), trim(PQerrorMessage(raw))));
    }
    socket_ =
        std::make_unique<Socket>(executor, PQsocket(raw));  // libpq may open another one for each attempt
    co_await wait(status == PGRES_POLLING_WRITING, deadline);
    status = PQconnectPoll(raw);
  }
  socket_ = std::make_unique<Socket>(executor, PQsocket(raw));
  if (PQsetnonblocking(raw, 1) != 0) throw Error(ErrorCode::internal, "libpq refuses non-blocking mode");
}

Task<> Connection::wait(bool for_write, Deadline deadline) {
  using Descriptor = asio::posix::stream_descriptor;
  boost::system::error_code error;
  socket_->watchdog.arm(deadline);
  const auto kind = for_write ? Descriptor::wait_write : Descriptor::wait_read;
  co_await socket_->descriptor.async_wait(kind, asio::redirect_error(asio::use_awaitable, error));
  socket_->watchdog.disarm();
  if (!error) co_return;
  broken_ = true;
  if (socket_->watchdog.fired())
    throw Error(ErrorCode::timeout, fmt::format("{} did not answer in time", where(address_)));
  throw Error(ErrorCode::canceled, "canceled while waiting for PostgreSQL");
}

// For `throw lost();`: the connection is of no more use.
Unreachable Connection::lost() {
  broken_ = true;
  return Unreachable(fmt::format("lost {}: {}", where(address_), trim(PQerrorMessage(pg(connection_)))));
}

Task<> Connection::flush(Deadline deadline) {
  for (;;) {
    const int left = PQflush(pg(connection_));
    if (left == 0) co_return;
    if (left < 0) {
      throw lost();
    }
    co_await wait(true, deadline);
  }
}

// The result of the one statement that was sent; reads on until libpq says that nothing more comes.
Task<Result> Connection::take_result(Deadline deadline) {
  co_await flush(deadline);
  std::optional<Result> last;
  std::exception_ptr failure;
  for (;;) {
    while (PQisBusy(pg(connection_))) {
      co_await wait(false, deadline);
      if (PQconsumeInput(pg(connection_))) continue;
      throw lost();
    }
    PGresult* raw = PQgetResult(pg(connection_));
    if (!raw) break;
    Result result(raw);
    const ExecStatusType status = PQresultStatus(raw);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && !failure) failure = failure_of(raw);
    last = std::move(result);
  }
  if (PQstatus(pg(connection_)) != CONNECTION_OK) broken_ = true;
  if (failure) std::rethrow_exception(failure);
  if (!last) throw lost();
  co_return *last;
}

Task<std::string> Connection::prepared(std::string_view sql, Deadline deadline) {
  const auto known = statements_.find(sql);
  if (known != statements_.end()) co_return known->second;
  const std::string name = fmt::format("s{}", statements_.size()), text(sql);
  if (!PQsendPrepare(pg(connection_), name.c_str(), text.c_str(), 0, nullptr)) {
    throw lost();
  }
  co_await take_result(deadline);
  statements_[text] = name;
  co_return name;
}

Task<Result> Connection::query(std::string_view sql, Params params, Deadline deadline) {
  const std::string name = co_await prepared(sql, deadline);
  std::vector<const char*> values;
  for (const Param& param : params) values.push_back(param ? param->c_str() : nullptr);
  const int count = static_cast<int>(values.size());
  if (!PQsendQueryPrepared(pg(connection_), name.c_str(), count, values.data(), nullptr, nullptr, 0)) {
    throw lost();
  }
  co_return co_await take_result(deadline);
}

Task<> Connection::run_script(std::string_view sql, Deadline deadline) {
  const std::string text(sql);
  if (!PQsendQuery(pg(connection_), text.c_str())) {
    throw lost();
  }
  co_await take_result(deadline);
}

// An idle connection whose server is gone shows it only when it is read: a first read takes the server's last
// words, a second one the end.
bool Connection::reusable() const {
  if (broken_) return false;
  for (int i = 0; i < 2; ++i) {
    if (!PQconsumeInput(pg(connection_))) return false;
  }
  return PQstatus(pg(connection_)) == CONNECTION_OK && PQtransactionStatus(pg(connection_)) == PQTRANS_IDLE;
}

}  // namespace deis::pg
