#include "controller/storage/pg/pipeline.h"

#include "controller/storage/pg/libpq.h"
#include "core/base/text.h"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>

#include <functional>

namespace deis::pg {
namespace {

constexpr int kAttempts = 3;  // of a statement whose neighbours failed

// Runs at the end of the scope.
class AtEnd {
 public:
  explicit AtEnd(std::function<void()> work) : work_(std::move(work)) {}
  AtEnd(const AtEnd&) = delete;
  AtEnd& operator=(const AtEnd&) = delete;
  ~AtEnd() { work_(); }

 private:
  std::function<void()> work_;
};

// The same statement has the same name on every connection.
std::string name_of(std::string_view sql) {
  return fmt::format("p{:x}", std::hash<std::string_view>()(sql));
}

bool has_state(const PGresult* answer, std::string_view wanted) {
  const char* state = PQresultErrorField(answer, PG_DIAG_SQLSTATE);
  return state && state == wanted;
}

constexpr auto kUnknownStatement = "26000";  // its preparation was aborted by a neighbour's failure
constexpr auto kKnownStatement = "42P05";    // it was not, after all

}  // namespace

Pipeline::Pipeline(Executor executor, std::unique_ptr<Connection> connection)
    : executor_(std::move(executor)), connection_(std::move(connection)) {}

Task<std::shared_ptr<Pipeline>> Pipeline::open(Address address, Deadline deadline) {
  auto connection = co_await Connection::open(std::move(address), deadline);
  if (PQenterPipelineMode(pg(connection->connection_)) != 1)
    throw Error(ErrorCode::internal, "libpq refuses pipeline mode");
  Executor executor = co_await asio::this_coro::executor;
  co_return std::shared_ptr<Pipeline>(new Pipeline(std::move(executor), std::move(connection)));
}

// Nobody reads while nothing is under way: only a look shows that the server has gone.
bool Pipeline::usable() {
  if (broken_ || retired_) return false;
  if (in_flight_ > 0) return true;
  for (int i = 0; i < 2; ++i) {
    if (!PQconsumeInput(pg(connection_->connection_))) broken_ = true;
  }
  if (PQstatus(pg(connection_->connection_)) != CONNECTION_OK) broken_ = true;
  return !broken_;
}

Task<Result> Pipeline::query(std::string_view sql, const Params& params, Deadline deadline) {
  for (int attempt = 1;; ++attempt) {
    const auto statement = std::make_shared<Statement>(executor_);
    statement->sql = sql;
    const bool alone = attempt > 1;  // no neighbour's failure may touch it now
    if (alone) sync_and_flush();
    send(statement, params);
    if (alone) sync_and_flush();
    co_await wait_for(statement, deadline);
    if (statement->failure) std::rethrow_exception(statement->failure);
    if (!statement->aborted) co_return std::move(*statement->result);
    if (attempt == kAttempts)
      throw Error(ErrorCode::unavailable, "statements that were sent to PostgreSQL together keep failing");
  }
}

void Pipeline::send(const StatementRef& statement, const Params& params) {
  PGconn* raw = pg(connection_->connection_);
  const std::string name = name_of(statement->sql);
  if (!sent_.contains(statement->sql)) {
    if (!PQsendPrepare(raw, name.c_str(), statement->sql.c_str(), 0, nullptr)) {
      fail_all();
      throw connection_->lost();
    }
    sent_.insert(statement->sql);
    expected_.push_back({Expected::Kind::prepared, statement});
  }
  std::vector<const char*> values;
  values.reserve(params.size());
  for (const Param& param : params) values.push_back(param ? param->c_str() : nullptr);
  const int count = static_cast<int>(values.size());
  if (!PQsendQueryPrepared(raw, name.c_str(), count, values.data(), nullptr, nullptr, 0)) {
    fail_all();
    throw connection_->lost();
  }
  expected_.push_back({Expected::Kind::rows, statement});
  ++in_flight_;
  flush_soon();
}

// At the end of this turn of the loop: other requests that are ready now send theirs first.
void Pipeline::flush_soon() {
  if (std::exchange(flushing_soon_, true)) return;
  asio::post(executor_, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->sync_and_flush();
  });
}

void Pipeline::sync_and_flush() {
  const bool anything = std::exchange(flushing_soon_, false);
  if (broken_ || !anything) return;
  if (PQpipelineSync(pg(connection_->connection_)) != 1) return fail_all();
  expected_.push_back({Expected::Kind::sync, nullptr});
  flush();
}

void Pipeline::flush() {
  if (broken_ || waiting_to_write_) return;
  const int left = PQflush(pg(connection_->connection_));
  if (left < 0) return fail_all();
  if (left == 0) return;
  waiting_to_write_ = true;
  using Descriptor = asio::posix::stream_descriptor;
  connection_->socket_->descriptor.async_wait(
      Descriptor::wait_write, [weak = weak_from_this()](const boost::system::error_code&) {
        const auto self = weak.lock();
        if (!self) return;
        self->waiting_to_write_ = false;
        self->flush();
      });
}

Task<> Pipeline::wait_for(StatementRef statement, Deadline deadline) {
  const auto self = shared_from_this();
  // However it ends here: if nobody reads now, the next who waits does.
  const AtEnd leave([this, &statement] {
    statement->waited_for = false;
    if (!reading_) wake_next_reader();
  });
  while (!statement->done) {
    if (!reading_) {
      co_await read_for_all(deadline);
      continue;
    }
    const bool answered = co_await statement->answered.wait(deadline);
    if (answered || statement->done) continue;
    retired_ = true;  // this server may never answer
    throw Error(ErrorCode::timeout, "PostgreSQL did not answer in time");
  }
}

Task<> Pipeline::read_for_all(Deadline deadline) {
  reading_ = true;
  const AtEnd stop_reading([this] {
    reading_ = false;
    if (connection_->socket_->watchdog.fired()) retired_ = true;
  });
  co_await connection_->wait(false, deadline);
  if (!PQconsumeInput(pg(connection_->connection_))) {
    fail_all();
  } else {
    take_answers();
    flush();
  }
}

void Pipeline::take_answers() {
  PGconn* raw = pg(connection_->connection_);
  while (!expected_.empty() && !PQisBusy(raw)) {
    PGresult* result = PQgetResult(raw);
    if (result) {
      take(result);
    } else if (expected_.front().kind == Expected::Kind::sync) {
      return fail_all();  // out of step
    } else {
      const Expected answered = std::move(expected_.front());
      expected_.pop_front();
      finish(answered);
    }
    if (PQstatus(raw) != CONNECTION_OK) return fail_all();
  }
}

void Pipeline::take(void* raw) {
  Result result(raw);
  const auto* answer = static_cast<const PGresult*>(raw);
  const ExecStatusType status = PQresultStatus(answer);
  const Expected& front = expected_.front();
  if (front.kind == Expected::Kind::sync) {
    if (status != PGRES_PIPELINE_SYNC) return fail_all();
    expected_.pop_front();
    return;
  }
  Statement& statement = *front.statement;
  const bool preparing = front.kind == Expected::Kind::prepared;
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) {
    if (!preparing) statement.result = std::move(result);
    return;
  }
  const bool again = status == PGRES_PIPELINE_ABORTED || has_state(answer, kUnknownStatement);
  const bool known = preparing && has_state(answer, kKnownStatement);
  if (again || known) {
    statement.aborted = true;
  } else if (!statement.failure) {
    statement.failure = failure_of(answer);
  }
  if (!known && (preparing || has_state(answer, kUnknownStatement))) sent_.erase(statement.sql);
}

void Pipeline::finish(const Expected& answered) {
  if (answered.kind != Expected::Kind::rows) return;
  --in_flight_;
  answered.statement->done = true;
  answered.statement->answered.notify();
}

void Pipeline::wake_next_reader() {
  for (const Expected& next : expected_) {
    if (next.kind == Expected::Kind::rows && next.statement->waited_for) {
      next.statement->answered.notify();
      return;
    }
  }
}

void Pipeline::fail_all() {
  const Unreachable lost = connection_->lost();
  broken_ = true;
  auto expected = std::move(expected_);
  expected_.clear();
  for (const Expected& one : expected) {
    if (one.kind != Expected::Kind::rows) continue;
    if (!one.statement->failure) one.statement->failure = std::make_exception_ptr(lost);
    finish(one);
  }
}

}  // namespace deis::pg
