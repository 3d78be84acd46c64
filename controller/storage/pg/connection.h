#pragma once
// One connection to PostgreSQL, driven by libpq's non-blocking calls on the loop thread. One statement at a
// time.

#include "controller/storage/pg/database.h"

#include <memory>
#include <string>

namespace deis::pg {

class Connection {
 public:
  // Throws Unreachable "cannot connect to PostgreSQL at ...", Error{timeout}.
  static Task<std::unique_ptr<Connection>> open(Address address, Deadline deadline);
  ~Connection();

  Task<Result> query(std::string_view sql, Params params, Deadline deadline);
  // Several statements at once, no parameters: migrations only.
  Task<> run_script(std::string_view sql, Deadline deadline);

  const Address& address() const { return address_; }
  // False after a failure that left it unusable, and inside of a transaction.
  bool reusable() const;

 private:
  friend class Pipeline;  // the same connection, used in another manner
  struct Socket;
  Connection(Address address, void* connection);
  Task<> finish_connecting(Deadline deadline);
  Task<> wait(bool for_write, Deadline deadline);
  Unreachable lost();
  Task<> flush(Deadline deadline);
  Task<Result> take_result(Deadline deadline);
  Task<std::string> prepared(std::string_view sql, Deadline deadline);

  Address address_;
  void* connection_;  // PGconn*
  std::unique_ptr<Socket> socket_;
  std::map<std::string, std::string, std::less<>> statements_;  // sql -> name
  bool broken_ = false;
};

}  // namespace deis::pg
