// Gives nginx the address of the endpoint that a request has taken, and another one when that cannot be
// reached.

#include "router/module/module.h"

#include <string>

namespace deis::router {
namespace {

constexpr ngx_uint_t kTries = 3;

ngx_int_t get_peer(ngx_peer_connection_t* peer, void* data) {
  auto& own = *static_cast<Request*>(data);
  // nginx grants another try whenever a kept connection breaks, whatever free_peer() has said.
  if (own.is_spent) return NGX_BUSY;
  if (own.failed) {
    // The table may have changed since: what cannot be reached is often just what was replaced.
    own.failed = false;
    own.main->reader->leave(own.taken, true, static_cast<std::int64_t>(ngx_current_msec));
    std::string none;
    take(own, nullptr, none);
    if (own.taken.verdict != table::Verdict::endpoint) return NGX_BUSY;
  }
  own.endpoint_name = to_ngx(own.taken.endpoint.name());
  peer->sockaddr = const_cast<sockaddr*>(own.taken.endpoint.address());
  peer->socklen = own.taken.endpoint.length;
  peer->name = &own.endpoint_name;
  peer->cached = 0;
  peer->connection = nullptr;
  return NGX_OK;
}

bool has_sent_body(const ngx_http_request_t* request) {
  return request->upstream->request_sent != 0 && has_body(request);
}

void free_peer(ngx_peer_connection_t* peer, void* data, ngx_uint_t state) {
  auto& own = *static_cast<Request*>(data);
  if ((state & NGX_PEER_FAILED) == 0) {
    own.reached = true;
    peer->tries = 0;
    return;
  }
  own.failed = !own.is_component;
  if (peer->tries > 0) --peer->tries;
  // What an endpoint has had a part of may have been done there: it is not sent to another one.
  if (!has_sent_body(own.request)) return;
  own.is_spent = true;
  peer->tries = 0;
}

ngx_int_t init_peer(ngx_http_request_t* request, ngx_http_upstream_srv_conf_t*) {
  Request* own = Request::find(request);
  if (own == nullptr || own->taken.endpoint.length == 0) return NGX_ERROR;
  ngx_peer_connection_t& peer = request->upstream->peer;
  peer.data = own;
  peer.get = get_peer;
  peer.free = free_peer;
  peer.tries = own->is_component ? 1 : kTries;
  return NGX_OK;
}

}  // namespace

ngx_int_t init_balancer(ngx_conf_t*, ngx_http_upstream_srv_conf_t* upstream) {
  upstream->peer.init = init_peer;
  return NGX_OK;
}

}  // namespace deis::router
