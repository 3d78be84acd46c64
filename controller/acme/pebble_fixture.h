#pragma once
// For component tests: pebble, a small certificate authority that speaks ACME, with a name server that says
// 127.0.0.1 for every name. It looks at the domains on a free port instead of 80. Both end with the object.

#include "core/net/reserved_port.h"
#include "core/process/process.h"

#include <filesystem>
#include <memory>
#include <string>

namespace deis::controller::test {

using deis::test::ReservedPort;

class PebbleFixture {
 public:
  static Task<std::unique_ptr<PebbleFixture>> start(Executor executor);
  ~PebbleFixture();

  std::string directory() const;                                   // URL
  const std::string& roots() const { return roots_; }              // PEM, of its own https
  std::uint16_t http_port() const { return http_port_.number(); }  // where it looks at domains
  void kill();
  Task<> restart();  // it has forgotten everything, as it always does

 private:
  explicit PebbleFixture(Executor executor);
  Task<> launch();
  void write_files();

  Executor executor_;
  std::filesystem::path place_;
  ReservedPort port_, http_port_, dns_port_, names_port_, admin_port_, tls_port_;
  std::string roots_;
  std::unique_ptr<process::Process> pebble_, names_;
};

}  // namespace deis::controller::test
