#pragma once
// Boost.JSON with a mapper for described structs (BOOST_DESCRIBE_STRUCT).
//   auto list = json::from<std::vector<Container>>(json::parse(body));
// Reading: unknown keys are ignored; std::optional may be absent or null; null into vector/map is empty;
// integer ranges are checked; errors carry the path (".l[0].Running: expected boolean").
// Missing keys leave a member at its default.
// Heavy: include it in .cpp files; headers that only pass values around include <boost/json/fwd.hpp>.

#include "core/json/mapper.h"

#include <boost/json.hpp>

#include <string>
#include <string_view>

namespace deis::json {

using boost::json::array;
using boost::json::object;
using boost::json::value;

// Throws Error{invalid} "JSON parse error - <why> at byte <n>". Depth at most 64, numbers and text as RFC
// 8259, duplicate keys refused, invalid UTF-8 refused.
value parse(std::string_view text);

// Compact text, valid UTF-8 whatever the strings hold.
std::string to_text(const value& v);

// from<T>(value) throws Error{invalid} with the path; to_value(t) never fails. T: described struct, vector,
// map<string, T>, optional, string, bool, integers, double, value (core/json/mapper.h).

template <typename T>
std::string to_string(const T& t) {
  return to_text(to_value(t));
}

}  // namespace deis::json
