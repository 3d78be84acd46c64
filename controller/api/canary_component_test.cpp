// Canaries over HTTP: made, changed, promoted, aborted, and what else may be done meanwhile; on real
// PostgreSQL and etcd.

#include "controller/api/api_fixture.h"
#include "controller/api/sse_fixture.h"

#include <gmock/gmock.h>

namespace deis::controller::api {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsSupersetOf;

using Names = std::set<std::string>;
constexpr auto kCanaryPath = "/v1/apps/shop/canary/";
constexpr auto kCanaryBuild =
    R"({"image":"shop","sha":"abcdef0123","dockerfile":"true","procfile":{"web":"serve"}})";

// v3 is live, with one web container; v2 is before it.
Task<std::string> shop_on_v3(ApiFixture& api) {
  const std::string ann = co_await api.user("ann");
  co_await api.deployed_app(ann, "shop");
  const Answer built = co_await api.post(ann, "/v1/apps/shop/builds/", kCanaryBuild);
  EXPECT_EQ(built.status, 201) << built.body;
  co_await api.platform->until([&] { return api.platform->scheduler().retiring().jobs().empty(); });
  co_return ann;
}

Task<> expect_route(ApiFixture& api, std::string text) {
  const auto route = co_await api.platform->route("shop");
  EXPECT_EQ(route, text);
}

Task<> until_retired(ApiFixture& api) {
  co_await api.platform->until([&] { return api.platform->scheduler().retiring().jobs().empty(); });
}

API_TEST(Canary, GetsItsPartOfTheRequestsBesideTheLiveRelease) {
  const std::string ann = co_await shop_on_v3(api);
  const Answer none = co_await api.get(ann, kCanaryPath);
  EXPECT_EQ(
      none.body,
      R"({"release":null,"live":3,"weight":0,"owner":null,"created":null,"updated":null,"containers":[]})");
  const Answer on = co_await api.post(ann, kCanaryPath, R"({"release":2,"weight":10})");
  EXPECT_EQ(on.status, 201) << on.body;
  EXPECT_EQ(on.text("/release"), "2");
  EXPECT_EQ(on.text("/live"), "3");
  EXPECT_EQ(on.text("/weight"), "10");
  EXPECT_EQ(on.text("/owner"), "ann");
  EXPECT_EQ(on.text("/containers/0/name"), "web.1");
  EXPECT_EQ(on.text("/containers/0/state"), "up");
  co_await expect_route(api, R"({"release":3,"canary":{"release":2,"weight":10}})");
  EXPECT_EQ(api.platform->jobs(), (Names{"shop_v2.web.1", "shop_v3.web.1"}));
  EXPECT_EQ(api.platform->router->table("shop").size(), 2u);
  EXPECT_THAT(api.app_lines, Contains("INFO [shop]: ann made v2 the canary: 10 % of the requests"));

  const Answer more = co_await api.post(ann, kCanaryPath, R"({"weight":"50","count":2})");
  EXPECT_EQ(more.status, 201) << more.body;
  co_await expect_route(api, R"({"release":3,"canary":{"release":2,"weight":50}})");
  EXPECT_EQ(api.platform->jobs(), (Names{"shop_v2.web.1", "shop_v2.web.2", "shop_v3.web.1"}));
  const Answer read = co_await api.get(ann, kCanaryPath);
  EXPECT_EQ(read.body, more.body);
  const Answer containers = co_await api.get(ann, "/v1/apps/shop/containers/");
  EXPECT_EQ(containers.count(), 1) << "the formation is what is scaled";
}

API_TEST(Canary, IsPromotedAsANewReleaseAndEndsWithIt) {
  const std::string ann = co_await shop_on_v3(api);
  co_await api.post(ann, "/v1/apps/shop/scale/", R"({"web":2})");
  co_await api.post(ann, kCanaryPath, R"({"release":2,"weight":10})");
  const Answer promoted = co_await api.post(ann, "/v1/apps/shop/canary/promote/");
  EXPECT_EQ(promoted.status, 201) << promoted.body;
  EXPECT_EQ(promoted.body, R"({"version":4})");
  co_await expect_route(api, R"({"release":4})");
  co_await until_retired(api);
  EXPECT_EQ(api.platform->jobs(), (Names{"shop_v4.web.1", "shop_v4.web.2"}));
  const Answer releases = co_await api.get(ann, "/v1/apps/shop/releases/");
  EXPECT_EQ(releases.text("/results/0/summary"), "ann promoted v2");
  EXPECT_EQ(releases.text("/results/0/build"), releases.text("/results/2/build"));
  const Answer after = co_await api.get(ann, kCanaryPath);
  EXPECT_EQ(after.json().at("release"), nullptr);
  const Answer again = co_await api.post(ann, "/v1/apps/shop/canary/promote/");
  EXPECT_EQ(again.status, 404);
  EXPECT_EQ(again.text("/detail"), "shop has no canary");
}

API_TEST(Canary, IsAbortedAndEndsWhenItsRequestsAreDone) {
  const std::string ann = co_await shop_on_v3(api);
  co_await api.post(ann, kCanaryPath, R"({"release":2,"weight":10})");
  const auto address = api.platform->address("shop_v2.web.1");
  api.platform->router->set_in_flight(address, 1);
  const Answer aborted = co_await api.del(ann, kCanaryPath);
  EXPECT_EQ(aborted.status, 204) << aborted.body;
  co_await expect_route(api, R"({"release":3})");
  EXPECT_FALSE(api.platform->router->table("shop").contains(address));
  EXPECT_TRUE(api.platform->jobs().contains("shop_v2.web.1"));
  api.platform->router->set_in_flight(address, 0);
  co_await until_retired(api);
  EXPECT_EQ(api.platform->jobs(), Names{"shop_v3.web.1"});
  const Answer again = co_await api.del(ann, kCanaryPath);
  EXPECT_EQ(again.status, 404);
}

API_TEST(Canary, OfANewReleaseIsInTheHistoryAndNotLive) {
  const std::string ann = co_await shop_on_v3(api);
  const Answer set = co_await api.post(ann, "/v1/apps/shop/config/", R"({"values":{"A":"1"},"canary":10})");
  EXPECT_EQ(set.status, 201) << set.body;
  EXPECT_EQ(set.text("/values/DEIS_RELEASE"), "v4");
  co_await expect_route(api, R"({"release":3,"canary":{"release":4,"weight":10}})");
  const auto* spec = api.engine().spec(api.job("shop_v4.web.1"));
  CO_ASSERT_TRUE(spec != nullptr);
  EXPECT_EQ(spec->env.at("A"), "1");
  const Answer releases = co_await api.get(ann, "/v1/apps/shop/releases/");
  EXPECT_EQ(releases.text("/results/0/version"), "4");
  EXPECT_EQ(releases.text("/results/0/summary"), "ann added A, as a canary");
  const Answer config = co_await api.get(ann, "/v1/apps/shop/config/");
  EXPECT_EQ(config.text("/values"), "{}") << "that of the live release";

  co_await api.del(ann, kCanaryPath);
  const Answer next = co_await api.post(ann, "/v1/apps/shop/config/", R"({"values":{"B":"1"}})");
  EXPECT_EQ(next.status, 201) << next.body;
  EXPECT_EQ(next.text("/values/DEIS_RELEASE"), "v5") << "numbers only grow";
  EXPECT_EQ(next.text("/values/A"), "") << "v4 was never live";
  const Answer back = co_await api.post(ann, "/v1/apps/shop/releases/rollback/");
  EXPECT_EQ(back.status, 201);
  const Answer last = co_await api.get(ann, "/v1/apps/shop/releases/");
  EXPECT_EQ(last.text("/results/0/summary"), "ann rolled back to v3") << "the release that was live before";
  const Answer later = co_await api.post(ann, kCanaryPath, R"({"release":4,"weight":1})");
  EXPECT_EQ(later.status, 201) << later.body;
}

API_TEST(Canary, OfANewBuildIsPromoted) {
  const std::string ann = co_await shop_on_v3(api);
  const Answer built = co_await api.post(
      ann, "/v1/apps/shop/builds/", R"({"image":"shop:next","procfile":{"web":"serve"},"canary":"25"})");
  EXPECT_EQ(built.status, 201) << built.body;
  EXPECT_EQ(built.headers.get("Deis-Release"), "4");
  co_await expect_route(api, R"({"release":3,"canary":{"release":4,"weight":25}})");
  const Answer promoted = co_await api.post(ann, "/v1/apps/shop/canary/promote/");
  EXPECT_EQ(promoted.body, R"({"version":5})");
  co_await expect_route(api, R"({"release":5})");
  co_await until_retired(api);
  EXPECT_EQ(api.platform->jobs(), Names{"shop_v5.web.1"});
  EXPECT_EQ(api.engine().spec(api.job("shop_v5.web.1"))->image, "shop:next");
}

API_TEST(Canary, ThatDoesNotComeUpLeavesNothingBehind) {
  const std::string ann = co_await shop_on_v3(api);
  for (const char* job : {"shop_v2.web.1", "shop_v4.web.1"})
    api.engine().script(api.job(job), MemoryEngine::Script{.crash = true});
  const Answer old = co_await api.post(ann, kCanaryPath, R"({"release":2,"weight":10})");
  EXPECT_EQ(old.status, 503);
  EXPECT_EQ(old.text("/detail"), "aborting, app containers failed to respond to health check");
  const Answer fresh = co_await api.post(ann, "/v1/apps/shop/config/", R"({"values":{"A":"1"},"canary":10})");
  EXPECT_EQ(fresh.status, 503);
  co_await expect_route(api, R"({"release":3})");
  co_await until_retired(api);
  EXPECT_EQ(api.platform->jobs(), Names{"shop_v3.web.1"});
  const Answer state = co_await api.get(ann, kCanaryPath);
  EXPECT_EQ(state.json().at("release"), nullptr);
  const Answer releases = co_await api.get(ann, "/v1/apps/shop/releases/");
  EXPECT_EQ(releases.count(), 3);
}

API_TEST(Canary, KeepsOthersFromMakingReleasesAndLetsTheLiveOneBeScaledAndRestarted) {
  const std::string ann = co_await shop_on_v3(api);
  co_await api.post(ann, kCanaryPath, R"({"release":2,"weight":10})");
  const std::vector<std::pair<std::string, std::string>> refused = {
      {"builds/", kCanaryBuild},
      {"config/", R"({"values":{"A":"1"}})"},
      {"limits/", R"({"web":{"pids":100}})"},
      {"releases/rollback/", R"({"version":1})"},
      {"canary/", R"({"release":1,"weight":10})"},
      {"config/", R"({"values":{"A":"1"},"canary":5})"}};
  for (const auto& [path, body] : refused) {
    const Answer answer = co_await api.post(ann, "/v1/apps/shop/" + path, body);
    EXPECT_EQ(answer.status, 409) << path << answer.body;
    EXPECT_EQ(answer.text("/detail"), "v2 is a canary of shop: promote or abort it first");
  }
  const Answer pushed = co_await api.hook(
      "push",
      R"({"receive_user":"ann","receive_repo":"shop","sha":"abcdef01","fingerprint":"0f:a2","ssh_connection":"c","ssh_original_command":"git-receive-pack"})");
  EXPECT_EQ(pushed.status, 409) << "before the build";
  const Answer scaled = co_await api.post(ann, "/v1/apps/shop/scale/", R"({"web":2})");
  EXPECT_EQ(scaled.status, 204) << scaled.body;
  const Answer restarted = co_await api.post(ann, "/v1/apps/shop/containers/restart/");
  EXPECT_EQ(restarted.status, 200) << restarted.body;
  co_await expect_route(api, R"({"release":3,"canary":{"release":2,"weight":10}})");
  EXPECT_EQ(api.platform->jobs(), (Names{"shop_v2.web.1", "shop_v3.web.1", "shop_v3.web.2"}));
}

API_TEST(Canary, ThatIsWrongIsRefusedWithFieldAndRule) {
  const std::string ann = co_await shop_on_v3(api);
  const std::vector<std::pair<std::string, std::string>> bad = {
      {"{}", "/release"},
      {R"({"release":2})", "/weight"},
      {R"({"release":2,"weight":0})", "/weight"},
      {R"({"release":2,"weight":100})", "/weight"},
      {R"({"release":2,"weight":"ten"})", "/weight"},
      {R"({"release":2,"weight":10,"count":0})", "/count"},
      {R"({"release":2,"weight":10,"count":501})", "/count"},
      {R"({"release":3,"weight":10})", "/release"},
      {R"({"release":1,"weight":10})", "/release"}};
  for (const auto& [body, field] : bad) {
    const Answer answer = co_await api.post(ann, kCanaryPath, body);
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_FALSE(answer.text(field).empty()) << body << answer.body;
  }
  const Answer absent = co_await api.post(ann, kCanaryPath, R"({"release":9,"weight":10})");
  EXPECT_EQ(absent.status, 404);
  const Answer wish = co_await api.post(ann, "/v1/apps/shop/config/", R"({"values":{},"canary":100})");
  EXPECT_EQ(wish.status, 400);
  EXPECT_FALSE(wish.text("/canary").empty()) << wish.body;
  co_await api.post(ann, "/v1/apps/", R"({"id":"fresh"})");
  const Answer first = co_await api.post(ann, "/v1/apps/fresh/builds/", R"({"image":"a","canary":10})");
  EXPECT_EQ(first.status, 400) << first.body;
}

API_TEST(Canary, IsAbortedEvenWhenARouterHangsAndSaysWhich) {
  const std::string ann = co_await shop_on_v3(api);
  co_await api.post(ann, kCanaryPath, R"({"release":2,"weight":10})");
  api.platform->router->stall();
  api.platform->scheduler().cluster().options.routers_within = std::chrono::milliseconds(100);
  const Answer late = co_await api.del(ann, kCanaryPath);
  EXPECT_EQ(late.status, 503);
  EXPECT_THAT(late.text("/detail"), HasSubstr("the canary is aborted"));
  EXPECT_THAT(late.text("/detail"), HasSubstr("router r1"));
  co_await expect_route(api, R"({"release":3})");
  api.platform->router->resume();
  co_await until_retired(api);
  EXPECT_EQ(api.platform->jobs(), Names{"shop_v3.web.1"});
}

API_TEST(Canary, ComesBackAfterARestartOfTheController) {
  const std::string ann = co_await shop_on_v3(api);
  co_await api.post(ann, kCanaryPath, R"({"release":2,"weight":10,"count":2})");
  api.platform->wanted = co_await api.wanted();
  const bool settled = co_await api.platform->controller->reconciler.pass();
  EXPECT_TRUE(settled) << "PostgreSQL wants what runs";
  CO_ASSERT_TRUE(api.platform->wanted.size() == 1);
  EXPECT_EQ(api.platform->wanted[0].canary, (Canary{.release = 2, .weight = 10}));
  EXPECT_EQ(api.platform->wanted[0].canary_jobs.size(), 2u);
}

API_TEST(Canary, GoesWithItsApplication) {
  const std::string ann = co_await shop_on_v3(api);
  co_await api.post(ann, kCanaryPath, R"({"release":2,"weight":10})");
  const Answer destroyed = co_await api.del(ann, "/v1/apps/shop/");
  EXPECT_EQ(destroyed.status, 204) << destroyed.body;
  EXPECT_TRUE(api.platform->jobs().empty());
  co_await expect_route(api, "");
}

API_TEST(Canary, IsToldPhaseByPhase) {
  const std::string ann = co_await shop_on_v3(api);
  const auto events = co_await SseReader::open(api, ann, "shop");
  const auto ends_with = [](std::string wanted) {
    return [wanted = std::move(wanted)](const SseEvent& event) { return brief(event) == wanted; };
  };
  const auto briefs = [](const std::vector<SseEvent>& seen) {
    std::vector<std::string> texts;
    for (const auto& event : seen) texts.push_back(brief(event));
    return texts;
  };
  co_await api.post(ann, kCanaryPath, R"({"release":2,"weight":10})");
  auto seen = co_await events->until(ends_with("canary:done"));
  EXPECT_THAT(briefs(seen), IsSupersetOf({"canary:starting", "canary:healthy", "canary:switched"}));
  co_await api.del(ann, kCanaryPath);
  seen = co_await events->until(ends_with("abort:done"));
  EXPECT_THAT(briefs(seen), IsSupersetOf({"abort:starting", "abort:switched", "abort:drained"}));
  co_await api.post(ann, kCanaryPath, R"({"release":2,"weight":10})");
  co_await api.post(ann, "/v1/apps/shop/canary/promote/");
  seen = co_await events->until(ends_with("promote:done"));
  EXPECT_THAT(briefs(seen), IsSupersetOf({"promote:starting", "promote:healthy", "promote:switched"}));
}

}  // namespace
}  // namespace deis::controller::api
