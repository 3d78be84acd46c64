#pragma once
// The description of the whole API, docs/reference/openapi.json, as it was when this was built.

#include <string_view>

namespace deis::controller::api {

std::string_view openapi_document();  // OpenAPI 3.1, JSON

}  // namespace deis::controller::api
