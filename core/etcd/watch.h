#pragma once
// The watch behind Client::watch().

#include "core/etcd/client.h"
#include "core/net/http_client.h"

namespace deis::etcd {

// Opens the stream and returns once etcd has confirmed the watch.
Task<std::unique_ptr<Watch>> open_watch(
    net::HttpClient& http, std::string prefix, Revision start, Deadline deadline);

}  // namespace deis::etcd
