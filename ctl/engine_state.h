#pragma once
// What an unclean end of Docker Engine (power loss, kill -9) leaves in network/files/local-kv.db and its next
// start trips over. Pure.
//
// The bridge driver writes down every network of its own and restores it at the start. libnetwork, above it,
// does not write down Swarm's networks, because Swarm makes them again: but then the driver says "network
// <id> exists" to that, and every task on the network is rejected, for ever (moby #37087). A clean end
// removes them. And the configuration network that such a network was made from counts its users in the same
// file: up at every start, never down without a clean end, so that it can never be removed.

#include "ctl/bolt_file.h"

#include <string>
#include <vector>

namespace deis::ctl {

struct Tidied {
  std::vector<BoltEntry> entries;    // as they should be, in the order of their keys
  std::vector<std::string> changes;  // for the operator, a line each; none when nothing was wrong
};

Tidied tidy(const std::vector<BoltEntry>& entries);

}  // namespace deis::ctl
