#pragma once
// Path templates to handlers: "/v1/apps/{id}/config". Trailing slashes are optional on both sides; {name}
// matches one segment (percent-decoded), {name...} the rest of the path. Pure look-up, no I/O.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace deis::net {

using PathParameters = std::map<std::string, std::string, std::less<>>;

template <typename Value>
class RouteTable {
 public:
  struct Match {
    const Value* value = nullptr;              // null: the path is known, the method is not
    std::vector<std::string> allowed_methods;  // of the path, sorted
    PathParameters parameters;
    std::string pattern;
  };

  void add(std::string method, std::string pattern, Value value);
  // nullopt: no such path. HEAD matches GET. Literal segments win over parameters.
  std::optional<Match> find(std::string_view method, std::string_view path) const;

 private:
  struct Route {
    std::string method, pattern;
    std::vector<std::string> segments;
    Value value;
  };
  std::vector<Route> routes_;
};

}  // namespace deis::net

#include "core/net/route_table.inl.h"
