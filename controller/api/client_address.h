#pragma once
// Who sent a request. Pure.

#include "core/net/http.h"

#include <string>

namespace deis::controller::api {

// The peer's IP address. The platform's router speaks to us over loopback: for loopback peers, and only for
// them, it is the last address of X-Forwarded-For, the one the router itself has seen.
std::string client_address(const net::Request& request);

}  // namespace deis::controller::api
