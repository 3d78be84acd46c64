#pragma once
// `deis-router supervise`: the container's first process of ours. nginx and the agent are its children, side
// by side: the death of either leaves the other alone, and each is started again at once.

#include "router/nginx_config.h"
#include "router/table/segment.h"

namespace deis::router {

// Its children inherit the routing table, so that it outlives each of them.
int supervise(const Paths& paths, const std::string& own_program);

// In a child of supervise(). Throws Error{internal} when there is no table to inherit.
table::Segment inherited_table();

}  // namespace deis::router
