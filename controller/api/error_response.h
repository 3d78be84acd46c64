#pragma once
// The one place that turns failures into answers: a status and one flat JSON object (contract api.md §1.6).

#include "core/base/error.h"
#include "core/net/http_server.h"

namespace deis::controller::api {

// The answer to any exception; those that are not ours are 500 without their text.
net::Reply error_response(const std::exception& error);

inline constexpr int kRetryAfterSeconds = 2;
inline constexpr const char* kDatabaseAway = "The database is not reachable: try again.";

}  // namespace deis::controller::api
