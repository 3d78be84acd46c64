#pragma once
// The API as a table: method, path, who may, which handler.

#include "controller/api/call.h"

#include <span>

namespace deis::controller::api {

std::span<const Route> all_routes();

}  // namespace deis::controller::api
