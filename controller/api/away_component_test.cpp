// What an operator expects of servers that are away: 503 with Retry-After as long as they are, nothing that
// is half done, and afterwards everything by itself as before. (PostgreSQL: accounts_component_test.cpp.)

#include "controller/api/api_fixture.h"

#include <gmock/gmock.h>

namespace deis::controller::api {
namespace {

using testing::HasSubstr;

constexpr auto kAwayBuild =
    R"({"image":"shop","sha":"abcdef0123","dockerfile":"true","procfile":{"web":"serve","worker":"work"}})";
constexpr auto kAwayConfig = R"({"values":{"A":"1"}})";

void expect_unavailable(const Answer& answer, const char* what) {
  EXPECT_EQ(answer.status, 503) << what << " " << answer.body;
  EXPECT_NE(answer.headers.get("Retry-After"), "") << what;
  EXPECT_NE(answer.text("/detail"), "") << what << " " << answer.body;
}

Task<> throw_away(std::string_view) {
  throw Error(ErrorCode::unavailable, "the engine is away");
  co_return;
}

void send_engine_away(ApiFixture& api) {
  api.engine().before_calls(throw_away);
}
void bring_engine_back(ApiFixture& api) {
  api.engine().before_calls({});
}

Task<std::int64_t> releases_of_shop(ApiFixture& api, std::string token) {
  const Answer releases = co_await api.get(token, "/v1/apps/shop/releases/");
  EXPECT_EQ(releases.status, 200) << releases.body;
  co_return releases.count();
}

API_TEST(WithoutEtcd, ChangesOfRoutesAre503AndNothingIsHalfDone) {
  const std::string ann = co_await api.user("ann");
  co_await api.deployed_app(ann, "shop");
  api.platform->etcd_server->kill();
  const Answer config = co_await api.post(ann, "/v1/apps/shop/config/", kAwayConfig);
  expect_unavailable(config, "config:set");
  const Answer made = co_await api.post(ann, "/v1/apps/", R"({"id":"blog"})");
  expect_unavailable(made, "create");
  const Answer scaled = co_await api.post(ann, "/v1/apps/shop/scale/", R"({"web":2})");
  expect_unavailable(scaled, "scale");
  const Answer domain = co_await api.post(ann, "/v1/apps/shop/domains/", R"({"domain":"a.example.com"})");
  expect_unavailable(domain, "domains:add");
  const std::int64_t releases = co_await releases_of_shop(api, ann);
  EXPECT_EQ(releases, 2);
  const Answer blog = co_await api.get(ann, "/v1/apps/blog/");
  EXPECT_EQ(blog.status, 404);

  co_await api.platform->etcd_server->restart();
  const Answer config_again = co_await api.post(ann, "/v1/apps/shop/config/", kAwayConfig);
  EXPECT_EQ(config_again.status, 201) << config_again.body;
  const Answer made_again = co_await api.post(ann, "/v1/apps/", R"({"id":"blog"})");
  EXPECT_EQ(made_again.status, 201) << made_again.body;
  const Answer domain_again =
      co_await api.post(ann, "/v1/apps/shop/domains/", R"({"domain":"a.example.com"})");
  EXPECT_EQ(domain_again.status, 201) << domain_again.body;
}

API_TEST(WithoutEtcd, ADestructionIs503AndIsFinishedLater) {
  const std::string ann = co_await api.user("ann");
  co_await api.deployed_app(ann, "shop");
  // Nobody could hear that the containers have ended.
  api.platform->scheduler().cluster().options.destroyed_within = std::chrono::milliseconds(50);
  api.platform->etcd_server->kill();
  const Answer away = co_await api.del(ann, "/v1/apps/shop/");
  expect_unavailable(away, "destroy");
  co_await api.platform->etcd_server->restart();
  co_await api.settle();
  const std::string route = co_await api.platform->route("shop");
  EXPECT_EQ(route, "");
  const Answer again = co_await api.post(ann, "/v1/apps/", R"({"id":"shop"})");
  EXPECT_EQ(again.status, 201) << again.body;
}

API_TEST(WithoutTheEngine, ChangesAre503AndNothingIsHalfDone) {
  const std::string ann = co_await api.user("ann");
  co_await api.deployed_app(ann, "shop");
  send_engine_away(api);
  const Answer deployed = co_await api.post(ann, "/v1/apps/shop/builds/", kAwayBuild);
  expect_unavailable(deployed, "deploy");
  const Answer scaled = co_await api.post(ann, "/v1/apps/shop/scale/", R"({"web":3})");
  expect_unavailable(scaled, "scale");
  const Answer ran = co_await api.post(ann, "/v1/apps/shop/run/", R"({"command":"true"})");
  expect_unavailable(ran, "run");
  EXPECT_THAT(ran.text("/detail"), HasSubstr("the engine is away"));
  const Answer attached = co_await api.post(ann, "/v1/apps/shop/run/", R"({"command":"bash","attach":true})");
  expect_unavailable(attached, "run with a terminal");
  const std::int64_t releases = co_await releases_of_shop(api, ann);
  EXPECT_EQ(releases, 2);

  bring_engine_back(api);
  const Answer deployed_again = co_await api.post(ann, "/v1/apps/shop/builds/", kAwayBuild);
  EXPECT_EQ(deployed_again.status, 201) << deployed_again.body;
  const Answer scaled_again = co_await api.post(ann, "/v1/apps/shop/scale/", R"({"web":3})");
  EXPECT_EQ(scaled_again.status, 204) << scaled_again.body;
  const Answer ran_again = co_await api.post(ann, "/v1/apps/shop/run/", R"({"command":"true"})");
  EXPECT_EQ(ran_again.status, 200) << ran_again.body;
}

API_TEST(WithoutTheEngine, ContainersAreStillListedAndShowAnError) {
  const std::string ann = co_await api.user("ann");
  co_await api.deployed_app(ann, "shop");
  send_engine_away(api);
  const Answer listed = co_await api.get(ann, "/v1/apps/shop/containers/");
  EXPECT_EQ(listed.status, 200) << listed.body;
  EXPECT_EQ(listed.count(), 1);
  EXPECT_EQ(listed.text("/results/0/state"), "error");
  bring_engine_back(api);
  const Answer later = co_await api.get(ann, "/v1/apps/shop/containers/");
  EXPECT_EQ(later.text("/results/0/state"), "up");
}

API_TEST(WithoutTheEngine, ADestructionIs503AndCanBeRepeated) {
  const std::string ann = co_await api.user("ann");
  co_await api.deployed_app(ann, "shop");
  send_engine_away(api);
  const Answer away = co_await api.del(ann, "/v1/apps/shop/");
  expect_unavailable(away, "destroy");
  bring_engine_back(api);
  const Answer done = co_await api.del(ann, "/v1/apps/shop/");
  EXPECT_EQ(done.status, 204) << done.body;
  EXPECT_TRUE(api.platform->jobs().empty());
}

API_TEST(WithoutTheRegistry, ADestructionIs503UntilTheImagesAreGone) {
  const std::string ann = co_await api.user("ann");
  test::FakeRegistry& registry = api.platform->registry;
  co_await api.deployed_app(ann, "shop");
  registry.push("shop", "git-1");
  co_await registry.withdraw(api.platform->etcd());
  const Answer unannounced = co_await api.del(ann, "/v1/apps/shop/");
  expect_unavailable(unannounced, "not announced");
  EXPECT_THAT(unannounced.text("/detail"), HasSubstr("registry"));
  co_await registry.announce(api.platform->etcd());
  for (const std::string method : {"GET", "HEAD", "DELETE"}) {
    registry.answer(method, 503);
    const Answer failing = co_await api.del(ann, "/v1/apps/shop/");
    expect_unavailable(failing, method.c_str());
    registry.answer(method, 0);
    EXPECT_TRUE(registry.has("shop")) << method;
  }
  const Answer done = co_await api.del(ann, "/v1/apps/shop/");
  EXPECT_EQ(done.status, 204) << done.body;
  EXPECT_FALSE(registry.has("shop"));
}

}  // namespace
}  // namespace deis::controller::api
