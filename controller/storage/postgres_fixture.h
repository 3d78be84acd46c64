#pragma once
// A private PostgreSQL for component tests: its own data directory and port, gone with the fixture. As root
// it runs as the user `postgres`.

#include "controller/storage/pg/database.h"
#include "core/net/reserved_port.h"
#include "core/process/process.h"

#include <memory>
#include <string>

namespace deis::pg {

class PostgresFixture {
 public:
  static Task<std::unique_ptr<PostgresFixture>> start(Executor executor);
  ~PostgresFixture();

  Address address() const;
  Task<> stop();     // at once, as a crash would
  Task<> restart();  // on the same data and port

 private:
  PostgresFixture(Executor executor, std::string directory);
  Task<> launch();

  Executor executor_;
  std::string directory_;
  test::ReservedPort port_;
  std::unique_ptr<process::Process> server_;
};

}  // namespace deis::pg
