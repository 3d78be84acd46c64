#include "core/net/route_table.h"

#include <gtest/gtest.h>

namespace deis::net {
namespace {

RouteTable<int> table() {
  RouteTable<int> routes;
  routes.add("GET", "/v1/apps", 1);
  routes.add("POST", "/v1/apps", 2);
  routes.add("GET", "/v1/apps/{id}", 3);
  routes.add("POST", "/v1/apps/{id}/containers/restart", 4);
  routes.add("GET", "/v1/apps/{id}/containers/{type}", 5);
  routes.add("GET", "/v1/keys/{id...}", 6);
  return routes;
}

int found(std::string_view method, std::string_view path) {
  const auto routes = table();
  const auto match = routes.find(method, path);
  return match && match->value ? *match->value : 0;
}

TEST(RouteTable, FindsWithAndWithoutTrailingSlash) {
  EXPECT_EQ(found("GET", "/v1/apps"), 1);
  EXPECT_EQ(found("GET", "/v1/apps/"), 1);
  EXPECT_EQ(found("POST", "/v1/apps/"), 2);
  EXPECT_EQ(found("HEAD", "/v1/apps/shop/"), 3);
}

TEST(RouteTable, PrefersLiteralsAndDecodesParameters) {
  const auto routes = table();
  EXPECT_EQ(found("POST", "/v1/apps/shop/containers/restart/"), 4);
  const auto type = routes.find("GET", "/v1/apps/a%2Db/containers/we%20b");
  ASSERT_TRUE(type && type->value);
  EXPECT_EQ(type->parameters.at("id"), "a-b");
  EXPECT_EQ(type->parameters.at("type"), "we b");
  const auto key = routes.find("GET", "/v1/keys/ann@host/x%2Fy");
  EXPECT_EQ(key->parameters.at("id"), "ann@host/x/y");
}

TEST(RouteTable, TellsUnknownPathsFromUnknownMethods) {
  const auto routes = table();
  EXPECT_FALSE(routes.find("GET", "/v2/apps"));
  EXPECT_FALSE(routes.find("GET", "/v1/apps/shop/unknown"));
  EXPECT_FALSE(routes.find("GET", "/v1/apps/%zz"));
  const auto match = routes.find("DELETE", "/v1/apps");
  ASSERT_TRUE(match);
  EXPECT_EQ(match->value, nullptr);
  EXPECT_EQ(match->allowed_methods, (std::vector<std::string>{"GET", "POST"}));
}

}  // namespace
}  // namespace deis::net
