#pragma once
// What the machine says about its network.

#include <string>

namespace deis::router {

bool has_ipv6();

// Whether a program listens on the TCP port, on all addresses or on one.
bool port_is_taken(const std::string& port);

}  // namespace deis::router
