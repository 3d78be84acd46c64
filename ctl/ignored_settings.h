#pragma once
// Settings that a component does not go by, as it tells them under /deis/<component>/problems/<host id>
// (ARCHITECTURE.md §7).

#include "core/etcd/client.h"

#include <string>
#include <vector>

namespace deis::ctl {

// One line for each: "router/bodySize=big: must be a size (h1)". What cannot be read is a line that says so.
std::vector<std::string> ignored_settings(const std::vector<etcd::KeyValue>& entries);

}  // namespace deis::ctl
