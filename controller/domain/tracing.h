#pragma once
// From a host name to what serves it, for the people of its app.

#include "controller/domain/context.h"
#include "controller/domain/model.h"
#include "controller/scheduler/route_trace.h"

namespace deis::controller {

struct HostTrace {
  std::string host;         // in lower case, without port and final dot
  bool own_domain = false;  // by a domain of the app; else by its name, which is the first label
  RouteTrace route;
};

// As routers look it up. Error{invalid, "host"} when no host can be called so.
std::string lookup_name(std::string_view host);

class Tracing {
 public:
  explicit Tracing(Context& context) : context_(context) {}

  // Error{not_found} when it is nobody's, or of an app that the user does not see or that is not among
  // `only` (empty: all are); Error{invalid, "host"}.
  Task<HostTrace> trace(User user, std::string host, std::vector<std::string> only = {});

 private:
  Context& context_;
};

}  // namespace deis::controller
