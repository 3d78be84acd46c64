#pragma once
// Orders a certificate from an authority with dehydrated, a client of Debian's that speaks the protocol and
// waits for its hook before it tells the authority to look (ARCHITECTURE.md §9 says why this one). Each order
// is two runs of it in a directory of their own, in memory, readable by nobody else and gone afterwards. The
// certificate's key is not in there: the program gets a signing request.

#include "controller/acme/gate.h"
#include "core/base/error.h"
#include "core/base/log.h"

#include <optional>
#include <string>

namespace deis::controller::acme {

struct Order {
  std::string directory;    // URL of the authority
  std::string email;        // "": none
  std::string roots;        // PEM of who signed the authority's own certificate; "": the system's
  std::string account_key;  // PEM, RSA
  std::string domain;
  std::string request;  // PEM
};

class OrderFailed : public Error {
 public:
  OrderFailed(Failure failure, const std::string& why, std::optional<SystemTime> retry_after = {})
      : Error(ErrorCode::unavailable, why), failure_(failure), retry_after_(retry_after) {}
  Failure failure() const { return failure_; }
  std::optional<SystemTime> retry_after() const { return retry_after_; }

 private:
  Failure failure_;
  std::optional<SystemTime> retry_after_;
};

class Client {
 public:
  struct Options {
    std::string program = "dehydrated";
    std::string hook;                 // the binary that is called as kHookName; "": our own
    std::string runs = "/dev/shm";    // where orders have their directories
    std::chrono::seconds limit{240};  // for the whole order
  };
  Client(Executor executor, Options options, Log log);

  // The chain, PEM. Throws OrderFailed. `publish` is called before the authority may look.
  Task<std::string> order(Order order, Publish publish);

 private:
  Task<std::string> run_program(const std::string& place, const Order& order, Gate& gate, Deadline deadline);

  Executor executor_;
  Options options_;
  Log log_;
};

}  // namespace deis::controller::acme
