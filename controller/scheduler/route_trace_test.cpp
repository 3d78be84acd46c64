#include "controller/scheduler/route_trace.h"

#include "core/base/error.h"

#include <gtest/gtest.h>

namespace deis::controller {
namespace {

TracedEndpoint endpoint(const std::string& job, const std::string& address, bool gets_requests) {
  return TracedEndpoint{
      .job = JobName::parse(job),
      .published = PublishedEndpoint{.address = address, .state = "up"},
      .gets_requests = gets_requests};
}

// v7 is live, v8 its canary, and one container of v7 is leaving.
RouteTrace shop() {
  RouteTrace trace{.app = AppId::parse("shop")};
  trace.entry = RouteEntry{.release = 7, .canary = {.release = 8, .weight = 10}};
  trace.endpoints = {
      endpoint("shop_v7.web.1", "172.30.0.1:5000", true),
      endpoint("shop_v7.web.2", "172.30.0.2:5000", false),
      endpoint("shop_v8.web.1", "172.30.0.3:5000", true)};
  return trace;
}

RouterView same() {
  return read_router_view(
      R"({"host":"shop.example.com","app":"shop","release":7,"canary":{"release":8,"weight":10},"revision":9,
          "endpoints":[{"address":"172.30.0.1:5000","release":7,"in_flight":2,"ejected":true},
                       {"address":"172.30.0.3:5000","release":8,"in_flight":0,"ejected":false}]})");
}

TEST(RouteTrace, ReadsWhatARouterTells) {
  const RouterView view = same();
  EXPECT_EQ(view.canary, (Canary{.release = 8, .weight = 10}));
  ASSERT_EQ(view.endpoints.size(), 2u);
  EXPECT_EQ(view.endpoints[0].in_flight, 2);
  EXPECT_TRUE(view.endpoints[0].ejected);
  EXPECT_EQ(read_router_view(R"({"app":"shop","release":7,"canary":null,"endpoints":[]})").canary, Canary());
  for (const char* bad : {"", "[]", "{\"release\":\"7\"}", "<html>"})
    EXPECT_THROW(read_router_view(bad), Error) << bad;
}

TEST(RouteTrace, ARouterThatSendsToTheSameEndpointsAgrees) {
  EXPECT_EQ(difference(shop(), same()), "");
}

TEST(RouteTrace, NamesWhatARouterDoesOtherwise) {
  auto view = same();
  view.app = "blog";
  EXPECT_EQ(difference(shop(), view), "it sends this host to blog");
  view = same();
  view.release = 6;
  EXPECT_EQ(difference(shop(), view), "it sends to v6");
  view = same();
  view.canary = {};
  EXPECT_EQ(difference(shop(), view), "it has no canary");
  view = same();
  view.canary.weight = 50;
  EXPECT_EQ(difference(shop(), view), "it has 50 % to the canary v8");
  view = same();
  view.endpoints.pop_back();
  EXPECT_EQ(difference(shop(), view), "it does not send to 172.30.0.3:5000");
  view = same();
  view.endpoints.push_back({.address = "172.30.0.2:5000", .release = 7});
  EXPECT_EQ(difference(shop(), view), "it still sends to 172.30.0.2:5000");
}

}  // namespace
}  // namespace deis::controller
