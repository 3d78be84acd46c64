#pragma once
// What a Client is made of; shared by the files that implement it.

#include "core/docker/api.h"
#include "core/docker/client.h"

namespace deis::docker {

struct Client::State {
  State(Executor executor, net::Endpoint engine) : api(std::move(executor), std::move(engine)) {}
  Api api;
};

}  // namespace deis::docker
