#pragma once
// Looks, before anything is ordered, whether the authority would find us: the domain resolves, and each of
// its addresses answers on port 80 as our routers do. So a wrong DNS record is told to the user and costs
// none of what authorities count.

#include "core/net/offload.h"
#include "core/net/stream.h"

#include <functional>
#include <string>
#include <vector>

namespace deis::controller::acme {

// The addresses of a host. Throws Error{not_found} when it has none, Error{unavailable} when nobody can tell.
using LookUp = std::function<Task<std::vector<std::string>>(std::string host)>;
LookUp system_look_up(net::WorkerPool& workers);

struct Probe {
  std::string host, token, answer;  // what the routers answer by now
  // Asked instead of the host's addresses, "" : none. For networks that cannot reach their own public
  // address.
  std::string instead;  // host:port
};

// Throws OrderFailed{before_order} with a reason for the user.
Task<> check_domain(Executor executor, LookUp look_up, Probe probe);

}  // namespace deis::controller::acme
