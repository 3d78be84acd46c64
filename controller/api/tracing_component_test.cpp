// GET /v1/routes?host=: over HTTP, with a router that is asked, one that is away and one that differs.

#include "controller/api/api_fixture.h"

#include <gmock/gmock.h>

namespace deis::controller::api {
namespace {

using testing::HasSubstr;

Task<Answer> trace(ApiFixture& api, std::string token, std::string host) {
  co_return co_await api.get(token, "/v1/routes/?host=" + host);
}

API_TEST(Trace, LeadsFromTheHostToTheEndpointsAndWhatTheRouterHasApplied) {
  const std::string ann = co_await api.user("ann");
  co_await api.deployed_app(ann, "shop");
  co_await api.post(ann, "/v1/apps/shop/config/", R"({"values":{"A":"1"}})");
  co_await api.post(ann, "/v1/apps/shop/canary/", R"({"release":2,"weight":10})");
  co_await api.platform->until([&] { return api.platform->scheduler().retiring().jobs().empty(); });
  api.platform->router->set_in_flight(api.platform->address("shop_v3.web.1"), 4);
  const Answer traced = co_await trace(api, ann, "shop.deisapp.local");
  EXPECT_EQ(traced.status, 200) << traced.body;
  EXPECT_EQ(traced.text("/app"), "shop");
  EXPECT_EQ(traced.text("/match"), "name");
  EXPECT_EQ(traced.text("/release"), "3");
  EXPECT_EQ(traced.text("/canary"), R"({"release":2,"weight":10})");
  EXPECT_EQ(traced.text("/balance"), "round-robin");
  EXPECT_EQ(traced.text("/endpoints/0/name"), "web.1");
  EXPECT_EQ(traced.text("/endpoints/0/release"), "2");
  EXPECT_EQ(traced.text("/endpoints/0/gets_requests"), "true");
  EXPECT_EQ(traced.text("/endpoints/1/address"), api.platform->address("shop_v3.web.1"));
  EXPECT_EQ(traced.text("/routers/0/id"), "r1");
  EXPECT_EQ(traced.text("/routers/0/agrees"), "true") << traced.body;
  EXPECT_EQ(traced.text("/routers/0/trouble"), "");
  std::int64_t in_flight = 0;
  const auto body = traced.json();
  for (const auto& endpoint : body.at_pointer("/routers/0/endpoints").as_array())
    in_flight += endpoint.at("in_flight").as_int64();
  EXPECT_EQ(in_flight, 4);
  EXPECT_GE(std::stoll(traced.text("/routers/0/revision")), std::stoll(traced.text("/revision")));
}

API_TEST(Trace, TakesADomainOfTheAppInAnyCaseAndWithAPort) {
  const std::string ann = co_await api.user("ann");
  co_await api.deployed_app(ann, "shop");
  co_await api.post(ann, "/v1/apps/shop/domains/", R"({"domain":"Blog.example.com"})");
  for (const char* host : {"blog.example.com", "BLOG.Example.Com.", "blog.example.com:8080"}) {
    const Answer traced = co_await trace(api, ann, host);
    EXPECT_EQ(traced.status, 200) << traced.body;
    EXPECT_EQ(traced.text("/match"), "domain");
    EXPECT_EQ(traced.text("/app"), "shop");
    EXPECT_EQ(traced.text("/host"), "blog.example.com");
  }
}

API_TEST(Trace, NamesARouterThatDiffersAndOneThatDoesNotTell) {
  const std::string ann = co_await api.user("ann");
  co_await api.deployed_app(ann, "shop");
  const auto deadline = in(std::chrono::seconds(5));
  co_await api.platform->etcd().put(
      "/deis/router/hosts/r2", R"({"address":"http://127.0.0.1:1","revision":7})", deadline);
  co_await api.platform->etcd().put("/deis/router/hosts/r3", "nonsense", deadline);
  api.platform->router->stall();
  co_await api.platform->etcd().put(
      "/deis/services/shop/shop_v2.web.2",
      R"({"container":"c","address":"172.30.9.9","port":5000,"state":"up"})",
      deadline);
  const Answer traced = co_await trace(api, ann, "shop.deisapp.local");
  EXPECT_EQ(traced.status, 200) << traced.body;
  EXPECT_EQ(traced.text("/routers/0/agrees"), "false");
  EXPECT_EQ(traced.text("/routers/0/trouble"), "it does not send to 172.30.9.9:5000");
  EXPECT_EQ(traced.text("/routers/1/revision"), "7");
  EXPECT_THAT(traced.text("/routers/1/trouble"), HasSubstr("it does not tell"));
  EXPECT_THAT(traced.text("/routers/2/trouble"), HasSubstr("its announcement cannot be read"));
  api.platform->router->resume();
}

API_TEST(Trace, TellsNobodyElseThatThereIsSuchAHost) {
  const std::string ann = co_await api.user("ann"), bob = co_await api.user("bob");
  co_await api.deployed_app(bob, "shop");
  const std::string eve = co_await api.user("eve"), joe = co_await api.user("joe");
  co_await api.post(bob, "/v1/apps/shop/perms/", R"({"username":"joe"})");
  const std::vector<std::pair<std::string, int>> expected = {{ann, 200}, {bob, 200}, {joe, 200}, {eve, 404}};
  for (const auto& [token, status] : expected) {
    const Answer traced = co_await trace(api, token, "shop.deisapp.local");
    EXPECT_EQ(traced.status, status) << traced.body;
  }
  co_await api.post(bob, "/v1/apps/", R"({"id":"blog"})");
  const Answer other =
      co_await api.post(bob, "/v1/tokens/", R"({"name":"blog only","scopes":["read"],"apps":["blog"]})");
  const Answer narrow = co_await trace(api, other.text("/token"), "shop.deisapp.local");
  EXPECT_EQ(narrow.status, 404) << "the token is not for this app";
  const Answer allowed = co_await trace(api, other.text("/token"), "blog.deisapp.local");
  EXPECT_EQ(allowed.status, 200) << allowed.body;
  for (const char* nobodys : {"nobody.example.com", "127.0.0.1", "-"}) {
    const Answer traced = co_await trace(api, ann, nobodys);
    EXPECT_EQ(traced.status, 404) << nobodys;
  }
  for (const char* bad : {"", "a%20b", "a%2Fb"}) {
    const Answer traced = co_await trace(api, ann, bad);
    EXPECT_EQ(traced.status, 400) << bad;
    EXPECT_FALSE(traced.text("/host").empty()) << traced.body;
  }
}

}  // namespace
}  // namespace deis::controller::api
