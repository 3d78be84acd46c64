#pragma once
// The HTTP side (contract components.md §4.4): GET /<app>[?log_lines=N], DELETE /<app>/.

#include "core/net/http_server.h"
#include "core/net/offload.h"
#include "logger/log_store.h"

namespace deis::logger {

Task<net::Reply> answer_query(LogStore& store, net::WorkerPool& worker, net::Request request);

}  // namespace deis::logger
