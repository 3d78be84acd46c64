#pragma once
// One API request on its way through the pipeline (server.cpp), and the route it takes. A handler is a plain
// function: the pipeline has answered who the caller is, whether he may, and what the body holds before it
// runs.

#include "controller/domain/model.h"
#include "controller/domain/scopes.h"
#include "controller/events/cause.h"
#include "core/base/log.h"
#include "core/net/http_server.h"
#include "core/net/route_table.h"

#include <boost/json/object.hpp>

#include <optional>
#include <string>

namespace deis::controller {
class Services;
}

namespace deis::controller::api {

struct Call {
  const net::Request& request;
  net::PathParameters path;       // values of the pattern's {names}, decoded
  Log log;                        // carries the request id
  std::string request_id;         // the caller's own when it is a good one
  std::optional<User> caller;     // set on every route but those for anyone and the builder
  std::optional<ApiToken> token;  // set when he presented an API token, not his session token
  std::optional<App> app;         // set on routes with {app}, and by handlers that make one
  boost::json::object body;       // {} when empty

  const User& user() const { return caller.value(); }
  const App& the_app() const { return app.value(); }
  Cause cause() const { return Cause{request_id}; }
  const std::string& parameter(std::string_view name) const { return path.find(name)->second; }
};

// Who may use a route (contract api.md §2).
enum class Who {
  anyone,   // no credentials asked for; a valid token is noticed
  user,     // anybody logged in
  admin,    // superusers
  member,   // of the app in the path: owner, collaborator or admin
  owner,    // of the app in the path, or admin
  builder,  // bearer of the builder key
};

using Handler = Task<net::Reply> (*)(Services& services, Call& call);

inline constexpr auto kJson = "application/json";

// Every member must be given: routes.cpp refuses to compile otherwise, and checks that they fit together.
struct Route {
  const char* method;
  const char* pattern;  // core/net/route_table.h; {app} is the app that `who` speaks of
  Who who;
  Scope scope;  // what an API token must have
  // The name under which the audit log records it; kReads when it changes nothing.
  const char* action;
  Handler handler;
  const char* media_type = kJson;  // of its answer
};
inline constexpr const char* kReads = nullptr;

}  // namespace deis::controller::api
