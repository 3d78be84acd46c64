#pragma once
// One API request on its way through the pipeline (server.cpp), and the route it takes. A handler is a plain
// function: the pipeline has answered who the caller is, whether he may, and what the body holds before it
// runs.

#include "controller/domain/model.h"
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
  net::PathParameters path;    // values of the pattern's {names}, decoded
  Log log;                     // carries the request id
  std::optional<User> caller;  // set on every route but those for anyone and the builder
  std::optional<App> app;      // set on routes with {app}
  boost::json::object body;    // {} when empty

  const User& user() const { return caller.value(); }
  const App& the_app() const { return app.value(); }
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

struct Route {
  const char* method;
  const char* pattern;  // core/net/route_table.h; {app} is the app that `who` speaks of
  Who who;
  Handler handler;
};

}  // namespace deis::controller::api
