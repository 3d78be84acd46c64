#pragma once
// Rules for an app's own domains (contract api.md §4.7). Pure.

#include <string>
#include <string_view>

namespace deis::controller {

// The name as it is stored: one trailing dot stripped. Throws Error{invalid, "domain"}.
std::string checked_host_name(std::string_view text);

}  // namespace deis::controller
