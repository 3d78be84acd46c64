#pragma once
// The connections of a Database: at most so many, handed out one to a user, dropped when they broke or the
// address changed.

#include "controller/storage/pg/connection.h"
#include "core/net/event.h"

#include <vector>

namespace deis::pg {

class Pool {
 public:
  Pool(Executor executor, std::size_t maximum, Log log)
      : maximum_(maximum), log_(std::move(log)), freed_(std::move(executor)) {}

  Task<std::unique_ptr<Connection>> take(Deadline deadline);
  void give_back(std::unique_ptr<Connection> connection);
  void set_address(Address address);

  const controller::Vault* vault = nullptr;

 private:
  std::size_t maximum_, out_ = 0;
  Log log_;
  net::Event freed_;
  std::optional<Address> address_;
  std::vector<std::unique_ptr<Connection>> idle_;
};

}  // namespace deis::pg
