#pragma once
// Gets and renews the certificates that users want (domain/auto_certs.h): for each one whose time has come it
// looks whether the domain leads here, orders from the authority, and puts the answer in the place of the
// last one. When something fails the last one stays, and PostgreSQL knows when to try again and why. One
// controller does it at a time, one order at a time. Loop thread only.

#include "controller/acme/challenges.h"
#include "controller/acme/client.h"
#include "controller/acme/preflight.h"
#include "controller/acme/schedule.h"
#include "controller/domain/certs.h"
#include "controller/domain/context.h"
#include "controller/storage/auto_certs.h"
#include "core/net/event.h"
#include "core/net/offload.h"

#include <functional>
#include <string>

namespace deis::controller {

class AutoCertKeeper {
 public:
  // The world around it, and what tests put in its place.
  struct Parts {
    Context& context;
    net::WorkerPool& workers;
    acme::Client::Options client;
    acme::WaitForRouters wait_for_routers;
    acme::LookUp look_up;
    std::function<SystemTime()> now = std::chrono::system_clock::now;
  };
  AutoCertKeeper(Executor executor, Parts parts);

  void look() { look_.notify(); }  // somebody wants something
  // Sees to one certificate. False when there was none to see to, or another controller does it.
  Task<bool> step();
  // A part of the daemon.
  Task<> run();

 private:
  struct Ordered {
    std::string chain, key;
  };
  Task<> see_to(storage::DueCert due);
  Task<bool> is_held_back(const storage::DueCert& due);
  Task<SystemTime> attempt(const storage::DueCert& due, etcd::LeaseId lease);
  Task<> probe(const std::string& domain, etcd::LeaseId lease);
  Task<Ordered> order(const std::string& domain, etcd::LeaseId lease);
  Task<std::int64_t> begin(std::string domain);
  Task<> end(std::int64_t order, std::string outcome);
  Task<std::string> account_key(std::string directory);
  Task<> note_failure(const storage::DueCert& due, const acme::OrderFailed& failure);

  Executor executor_;
  Parts parts_;
  Certs certs_;
  acme::Client client_;
  acme::Challenges challenges_;
  net::Event look_;
};

}  // namespace deis::controller
