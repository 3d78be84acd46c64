#pragma once
// Bodies of multipart/form-data (RFC 7578), as browsers and `curl -F` send them. Files are text like any
// other field. Pure.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace deis::controller::api {

// Names and contents in order. Throws Error{invalid} saying what is wrong with the body.
std::vector<std::pair<std::string, std::string>> parse_multipart(
    std::string_view content_type, std::string_view body);

}  // namespace deis::controller::api
