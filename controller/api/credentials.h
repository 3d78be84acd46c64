#pragma once
// What a caller presents: a token (contract api.md §1.4), the builder key, a client version. Pure.

#include "core/net/http.h"

#include <optional>
#include <string>

namespace deis::controller::api {

// The token of "Authorization: token <40 hex digits>". Throws Error{unauthenticated} with the contract's
// text.
std::string required_token(const net::Request& request);
// The same, nullopt when there is none or it is malformed.
std::optional<std::string> presented_token(const net::Request& request);

// Whether X-Deis-Builder-Auth equals the key; false when there is no key. Takes the same time for every wrong
// key.
bool has_builder_key(const net::Request& request, const std::string& builder_key);

// Whether Deis-Version is absent or our API's major number (contract §1.3).
bool has_matching_version(const net::Request& request);
// Whether the Accept header admits JSON (contract §1.5), which errors are in, or the answer's own type.
bool accepts(const net::Request& request, std::string_view media_type);

}  // namespace deis::controller::api
