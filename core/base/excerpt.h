#pragma once
// For messages that quote what somebody sent.

#include <cstddef>
#include <string>
#include <string_view>

namespace deis {

// Valid UTF-8, control characters and broken bytes as '?', at most `maximum` bytes and then "...".
std::string excerpt(std::string_view text, std::size_t maximum = 80);

}  // namespace deis
