#pragma once
// nginx's side of the router. A request of an app passes: on_access() finds its app in the routing table and
// answers, or waits for the rest of its body, and takes an endpoint; the balancer gives nginx the endpoint's
// address, and another one when it cannot be reached; the end of the request, however it comes, gives the
// endpoint back (Request::finish).
//
// Directives:
//   deis_app;                     location: requests are for apps, by host name
//   deis_health;                  location: 200 when the router can route, else 503
//   deis_component <name>;        location: requests are for a component of the platform
//   deis_balance;                 upstream: endpoints come from the routing table
//   deis_enforce_lists;           http: apps without an allow-list are closed to everybody
//   deis_certificates;            server: certificates are chosen by SNI from the routing table
//   deis_affinity_argument <arg>; http: requests with the same value of the argument go to the same endpoint
// Variables: $deis_logged, $deis_app, and
//   $deis_certificate   1 when the table has a certificate for the host, else 0
//   $deis_scheme        what the visitor sees, which the configuration's $peer_is_trusted has a say in
//   $deis_forwarded     value of the app's X-Request-Id, and the lines of the other headers that are ours
//
// Everything here runs on a worker's one thread; no exception leaves it.

#include "router/module/nginx.h"
#include "router/table/reader.h"

#include <string>

extern "C" {
// NOLINTNEXTLINE: the name is what load_module and nginx's own macros look for
extern ngx_module_t ngx_http_deis_module;
}

namespace deis::router {

class CertificateCache;

// Of a cycle: made when a configuration is read, ended when its last worker is gone.
struct Main {
  table::TableReader* reader = nullptr;
  CertificateCache* certificates = nullptr;
  ngx_str_t affinity_argument{};
  bool lists_enforced = false;
  ngx_int_t peer_is_trusted = NGX_ERROR;           // index of the variable; NGX_ERROR: nobody is
  std::uint64_t request_prefix = 0, requests = 0;  // of this worker: what the ids of requests are made of
};

struct Server {
  ngx_flag_t certificates;
};

struct Location {
  ngx_flag_t is_app, is_health;
  ngx_str_t component;
};

// What we know of a request; lives in its pool, and is found by the request even after an internal redirect
// has taken nginx's own pointer to it away.
struct Request {
  ngx_http_request_t* request = nullptr;
  Main* main = nullptr;
  table::Taken taken;
  ngx_str_t endpoint_name{};
  bool reached = false, failed = false, is_component = false, is_health_check = false;
  bool awaits_body = false, is_parked = false;
  bool is_spent = false;  // a part of its body was sent: it must not be repeated

  static Request* find(ngx_http_request_t* request);
  static Request* make(ngx_http_request_t* request, Main* main);  // nullptr: no memory
  void finish();
};

Main* main_of(const ngx_http_request_t* request);
// The value of the request's header with this name (lower case): of its last line, which is the nearest
// proxy's, when there are several; "" when there is none.
std::string_view header_of(const ngx_http_request_t* request, std::string_view name);
// Whether it was announced with one, there yet or not.
inline bool has_body(const ngx_http_request_t* request) {
  return request->headers_in.content_length_n > 0 || request->headers_in.chunked != 0;
}

ngx_int_t on_access(ngx_http_request_t* request);
// Fills `request.taken` from the table, in place of what was taken before; `client` nullptr: admitted
// already.
void take(Request& request, const table::Address* client, std::string& message);

ngx_int_t init_balancer(ngx_conf_t* conf, ngx_http_upstream_srv_conf_t* upstream);

ngx_int_t add_variables(ngx_conf_t* conf);
// Of variables: `text` has to live as long as the request.
ngx_int_t give(ngx_variable_value_t* value, std::string_view text);
ngx_int_t give_forwarded(ngx_http_request_t* request, ngx_variable_value_t* value, uintptr_t);
// What the visitor sees, who may have met the TLS before us.
bool is_https(ngx_http_request_t* request);

// Hooks into the TLS contexts of the servers that ask for it.
void use_certificates(ngx_conf_t* conf, Main* main);

}  // namespace deis::router
