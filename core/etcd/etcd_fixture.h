#pragma once
// For component tests: a real etcd in a temporary directory on free ports, ended and removed with the object.

#include "core/etcd/client.h"
#include "core/net/reserved_port.h"
#include "core/process/process.h"

#include <filesystem>
#include <memory>

namespace deis::etcd {

// A deadline that only a test that hangs reaches.
inline Deadline soon() {
  return in(std::chrono::seconds(9));
}

class EtcdFixture {
 public:
  // Starts it with the options of the platform; ready when this returns (bounded, throws Error). The one of
  // the next test is started, too, and comes up while this test runs: its start takes longer than most tests.
  static Task<std::unique_ptr<EtcdFixture>> start(Executor executor);
  ~EtcdFixture();

  net::Endpoint endpoint() const;
  Client& client() { return *client_; }
  const std::filesystem::path& directory() const { return directory_; }

  void kill();       // SIGKILL, as a crash would
  Task<> restart();  // on the same data and ports
  Task<> wipe();     // restart with nothing
  Task<> compact();  // forgets all history

 private:
  struct Spare;
  EtcdFixture();
  void use(Executor executor);
  void spawn();
  Task<> wait_until_ready();

  Executor executor_;  // of the test
  std::filesystem::path directory_;
  test::ReservedPort client_port_, peer_port_;
  std::unique_ptr<process::Process> process_;
  std::unique_ptr<Client> client_;
};

}  // namespace deis::etcd
