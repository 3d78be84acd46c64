#pragma once
// Reading statements of many requests on one connection, in libpq's pipeline mode: each is sent at once and
// answered in its turn, so that a statement costs no round trip of its own. Those that are asked for in one
// turn of the loop go out together. There is no task of its own: whoever waits at the time reads for all.

#include "controller/storage/pg/connection.h"
#include "core/net/event.h"

#include <deque>
#include <memory>
#include <set>

namespace deis::pg {

class Pipeline : public std::enable_shared_from_this<Pipeline> {
 public:
  static Task<std::shared_ptr<Pipeline>> open(Address address, Deadline deadline);

  // `sql` must not change anything: after a failure of a neighbour it is sent again.
  Task<Result> query(std::string_view sql, const Params& params, Deadline deadline);
  std::size_t in_flight() const { return in_flight_; }
  // False after a failure or a deadline that passed; what is under way may still come to its end.
  bool usable();
  const Address& address() const { return connection_->address(); }

 private:
  explicit Pipeline(Executor executor, std::unique_ptr<Connection> connection);

  // One statement under way. Shared by its waiter, who may be gone first, and the queue.
  struct Statement {
    explicit Statement(Executor executor) : answered(std::move(executor)) {}
    std::string sql;
    std::optional<Result> result;
    std::exception_ptr failure;
    bool done = false, aborted = false, waited_for = true;
    net::Event answered;
  };
  using StatementRef = std::shared_ptr<Statement>;
  // What the server will say next, in order.
  struct Expected {
    enum class Kind { prepared, rows, sync };
    Kind kind;
    StatementRef statement;  // null for a sync
  };

  void send(const StatementRef& statement, const Params& params);
  void flush_soon();
  void sync_and_flush();
  void flush();
  Task<> wait_for(StatementRef statement, Deadline deadline);
  Task<> read_for_all(Deadline deadline);
  void take_answers();
  void take(void* result);
  void finish(const Expected& answered);
  void wake_next_reader();
  void fail_all();

  Executor executor_;
  std::unique_ptr<Connection> connection_;
  std::set<std::string, std::less<>> sent_;  // statements that the server knows, or will
  std::deque<Expected> expected_;
  std::size_t in_flight_ = 0;
  bool reading_ = false, flushing_soon_ = false, waiting_to_write_ = false;
  bool broken_ = false;   // the connection is
  bool retired_ = false;  // takes no new statements
};

}  // namespace deis::pg
