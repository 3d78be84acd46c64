// The description of the API and the table of its routes say the same. What the answers hold is compared with
// live ones in tests/contract.

#include "controller/api/openapi.h"

#include "controller/api/routes.h"
#include "core/json/json.h"

#include <gmock/gmock.h>

#include <map>

namespace deis::controller::api {
namespace {

using Operations = std::map<std::string, std::string>;  // "GET /v1/apps/{app}": who may

std::string name_of(Who who) {
  switch (who) {
    case Who::anyone:
      return "anyone";
    case Who::user:
      return "user";
    case Who::admin:
      return "admin";
    case Who::member:
      return "member";
    case Who::owner:
      return "owner";
    case Who::builder:
      return "builder";
  }
  return "?";
}

// OpenAPI has no name for "the rest of the path".
std::string documented_path(std::string pattern) {
  if (const auto rest = pattern.find("..."); rest != std::string::npos) pattern.erase(rest, 3);
  return pattern;
}

Operations routed() {
  Operations operations;
  for (const Route& route : all_routes()) {
    operations[std::string(route.method) + " " + documented_path(route.pattern)] = name_of(route.who);
  }
  return operations;
}

std::string upper(std::string_view text) {
  std::string result;
  for (const char c : text) result += static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  return result;
}

Operations documented() {
  const json::value document = json::parse(openapi_document());
  Operations operations;
  for (const auto& [path, item] : document.at("paths").as_object()) {
    for (const auto& [method, operation] : item.as_object()) {
      if (method == "parameters") continue;
      operations[upper(method) + " " + std::string(path)] = operation.at("x-deis-who").as_string();
    }
  }
  return operations;
}

TEST(OpenApi, DescribesEveryRouteAndNoOther) {
  const Operations routes = routed(), document = documented();
  for (const auto& [operation, who] : routes) {
    EXPECT_TRUE(document.contains(operation)) << operation << " is missing in docs/reference/openapi.json";
  }
  for (const auto& [operation, who] : document) {
    EXPECT_TRUE(routes.contains(operation)) << operation << " is no route: take it out of the document";
  }
}

TEST(OpenApi, TellsWhoMayAsTheRoutesDo) {
  const Operations document = documented();
  for (const auto& [operation, who] : routed()) {
    const auto found = document.find(operation);
    EXPECT_TRUE(found == document.end() || found->second == who) << operation;
  }
}

}  // namespace
}  // namespace deis::controller::api
