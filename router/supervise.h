#pragma once
// `deis-router supervise`: the container's first process of ours. nginx and the agent are its children, side
// by side: the death of either leaves the other alone, and each is started again at once.

#include "router/nginx_config.h"

namespace deis::router {

int supervise(const Paths& paths, const std::string& own_program);

}  // namespace deis::router
