#pragma once
// The connections of a Database: at most so many, handed out one to a user, and a few that all who only read
// share. Dropped when they broke or the address changed.

#include "controller/storage/pg/connection.h"
#include "controller/storage/pg/pipeline.h"
#include "core/net/event.h"

#include <vector>

namespace deis::pg {

class Pool {
 public:
  Pool(Executor executor, std::size_t maximum, Log log)
      : maximum_(maximum), log_(std::move(log)), freed_(executor), opened_(executor) {}

  Task<std::unique_ptr<Connection>> take(Deadline deadline);
  void give_back(std::unique_ptr<Connection> connection);
  // A statement that changes nothing, on a connection that others use at the same time.
  Task<Result> read(std::string_view sql, const Params& params, Deadline deadline);
  void set_address(Address address);

  const controller::Vault* vault = nullptr;
  std::uint64_t statements = 0;  // asked for, by all sessions

 private:
  Task<std::shared_ptr<Pipeline>> pick(Deadline deadline);
  Task<std::shared_ptr<Pipeline>> open_pipeline(Deadline deadline);

  std::size_t maximum_, out_ = 0;
  Log log_;
  net::Event freed_;
  std::optional<Address> address_;
  std::vector<std::unique_ptr<Connection>> idle_;
  std::vector<std::shared_ptr<Pipeline>> pipelines_;
  bool opening_ = false;  // a pipeline
  net::Event opened_;
};

}  // namespace deis::pg
