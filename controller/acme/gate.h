#pragma once
// Where the client program and the controller meet in the middle of an order. The program calls its hook with
// an event and its arguments, and waits until the hook has ended; the hook (hook.h) hands them to this gate,
// a unix socket in the private directory of the run, and waits for its answer. So the authority is told of a
// challenge only when the controller says that every router answers it.

#include "controller/acme/problem.h"
#include "controller/acme/schedule.h"
#include "core/base/log.h"
#include "core/net/http_server.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace deis::controller::acme {

// Returns when every router answers `token` with `answer`.
using Publish = std::function<Task<>(std::string token, std::string answer)>;

class Gate {
 public:
  Gate(Executor executor, const std::string& socket, std::string domain, Publish publish, Log log);

  Task<> run() { return server_.run(); }

  // Why the order failed, as far as the program told; the last one counts.
  struct Refusal {
    Failure failure = Failure::refused;
    Problem problem;
    std::optional<SystemTime> retry_after;
  };
  const std::optional<Refusal>& refusal() const { return refusal_; }
  void forget() { refusal_.reset(); }

 private:
  Task<net::Reply> answer(net::Request request);
  Task<> take(std::vector<std::string> event);
  Task<> publish(std::string domain, std::string token, std::string answer);

  std::string domain_;
  Publish publish_;
  Log log_;
  std::optional<Refusal> refusal_;
  net::HttpServer server_;
};

}  // namespace deis::controller::acme
