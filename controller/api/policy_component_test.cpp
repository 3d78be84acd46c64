// Health checks, maintenance mode, allow-list and limits over HTTP, down to the etcd key and the engine.

#include "controller/api/api_fixture.h"

#include <gmock/gmock.h>

namespace deis::controller::api {
namespace {

using testing::Contains;
using testing::HasSubstr;

Task<std::int64_t> releases(ApiFixture& api, std::string token) {
  const Answer list = co_await api.get(token, "/v1/apps/shop/releases/");
  co_return list.count();
}

API_TEST(Healthchecks, AreMergedShownWholeAndWrittenForThePublisher) {
  const std::string ann = co_await api.user("ann");
  co_await api.deployed_app(ann, "shop");
  const Answer none = co_await api.get(ann, "/v1/apps/shop/healthchecks/");
  EXPECT_EQ(none.body, "{}");
  const Answer set = co_await api.post(
      ann, "/v1/apps/shop/healthchecks/", R"({"web":{"type":"http","path":"/healthz","interval":"5"}})");
  EXPECT_EQ(set.status, 201) << set.body;
  EXPECT_EQ(
      set.body,
      R"({"web":{"type":"http","path":"/healthz","startup_timeout":60,"interval":5,"timeout":1,"failures":3,"delay":0,"successes":1}})");
  const auto route = co_await api.platform->route("shop");
  EXPECT_EQ(route, R"({"release":2,"healthchecks":{"web":{"type":"http","path":"/healthz","interval":5}}})");
  const Answer changed =
      co_await api.post(ann, "/v1/apps/shop/healthchecks/", R"({"web":{"failures":7,"interval":null}})");
  EXPECT_EQ(changed.text("/web/failures"), "7");
  EXPECT_EQ(changed.text("/web/interval"), "3");
  EXPECT_EQ(changed.text("/web/path"), "/healthz");
  const Answer read = co_await api.get(ann, "/v1/apps/shop/healthchecks");
  EXPECT_EQ(read.body, changed.body);
  const Answer unset = co_await api.post(ann, "/v1/apps/shop/healthchecks/", R"({"web":null})");
  EXPECT_EQ(unset.body, "{}");
  const auto bare = co_await api.platform->route("shop");
  EXPECT_EQ(bare, R"({"release":2})");
  const auto count = co_await releases(api, ann);
  EXPECT_EQ(count, 2) << "no change of these is a release";
  EXPECT_THAT(api.app_lines, Contains("INFO [shop]: ann changed health checks for web"));
}

API_TEST(Healthchecks, OfTheConfigAreShownAndStandInForWhatWasNotChosen) {
  const std::string ann = co_await api.user("ann");
  co_await api.deployed_app(ann, "shop");
  co_await api.post(
      ann, "/v1/apps/shop/config/", R"({"values":{"HEALTHCHECK_URL":"/up","HEALTHCHECK_TIMEOUT":4}})");
  co_await api.post(ann, "/v1/apps/shop/healthchecks/", R"({"web":{"timeout":2}})");
  const Answer read = co_await api.get(ann, "/v1/apps/shop/healthchecks/");
  EXPECT_EQ(read.text("/web/path"), "/up");
  EXPECT_EQ(read.text("/web/timeout"), "2");
  EXPECT_EQ(read.text("/cmd/timeout"), "4");
}

API_TEST(Healthchecks, ThatAreWrongNameTheTypeAndTheRule) {
  const std::string ann = co_await api.user("ann");
  co_await api.deployed_app(ann, "shop");
  const std::vector<std::string> bad = {
      R"({"web":5})",
      R"({"web":{"interval":0}})",
      R"({"web":{"interval":[1]}})",
      R"({"web":{"path":"no slash"}})",
      R"({"web":{"colour":"red"}})",
      R"({"worker":{"type":"tcp"}})",
      R"({"../../x":{}})"};
  for (const auto& body : bad) {
    const Answer refused = co_await api.post(ann, "/v1/apps/shop/healthchecks/", body);
    EXPECT_EQ(refused.status, 400) << body << refused.body;
    EXPECT_EQ(refused.json().as_object().size(), 1U) << refused.body;
  }
  const Answer read = co_await api.get(ann, "/v1/apps/shop/healthchecks/");
  EXPECT_EQ(read.body, "{}");
}

API_TEST(Deploy, TakesTheStartUpTimeOfTheHealthCheckAndTellsItsAnswer) {
  const std::string ann = co_await api.user("ann");
  co_await api.deployed_app(ann, "shop");
  api.platform->publisher->say(api.job("shop_v3.web.1"), "failing", "got '404', expected: '200'", 4);
  const Answer failed =
      co_await api.post(ann, "/v1/apps/shop/config/", R"({"values":{"HEALTHCHECK_URL":"/nothing"}})");
  EXPECT_EQ(failed.status, 503);
  EXPECT_THAT(
      failed.text("/detail"),
      testing::StartsWith("aborting, app containers failed to respond to health check"));
  const std::string line = "INFO [shop]: app failed health check (got '404', expected: '200')";
  EXPECT_EQ(
      std::count(api.app_lines.begin(), api.app_lines.end(), line + "; trying again in 0.0 seconds"), 3);
  EXPECT_EQ(std::count(api.app_lines.begin(), api.app_lines.end(), line), 1);
  const auto count = co_await releases(api, ann);
  EXPECT_EQ(count, 2);
}

API_TEST(Maintenance, IsInForceOnEveryRouterWhenItIsAnswered) {
  const std::string ann = co_await api.user("ann");
  co_await api.deployed_app(ann, "shop");
  const Answer off = co_await api.get(ann, "/v1/apps/shop/maintenance/");
  EXPECT_EQ(off.body, R"({"enabled":false,"message":""})");
  const Answer on = co_await api.post(
      ann, "/v1/apps/shop/maintenance/", R"({"enabled":true,"message":"Zurück um 12 Uhr"})");
  EXPECT_EQ(on.status, 201) << on.body;
  EXPECT_EQ(on.body, R"({"enabled":true,"message":"Zurück um 12 Uhr"})");
  const auto entry = co_await api.platform->etcd().get("/deis/apps/shop", in(std::chrono::seconds(5)));
  CO_ASSERT_TRUE(entry.has_value());
  EXPECT_THAT(entry->value, HasSubstr(R"("maintenance":{"message":"Zurück um 12 Uhr"})"));
  const auto& routers = api.platform->scheduler().cluster().view.routers();
  EXPECT_GE(routers.begin()->second.revision, entry->mod_revision);
  const Answer still = co_await api.post(ann, "/v1/apps/shop/maintenance/", R"({"enabled":"true"})");
  EXPECT_EQ(still.text("/message"), "Zurück um 12 Uhr");
  co_await api.post(ann, "/v1/apps/shop/maintenance/", R"({"enabled":false})");
  const auto route = co_await api.platform->route("shop");
  EXPECT_EQ(route, R"({"release":2})");
  EXPECT_THAT(api.app_lines, Contains("INFO [shop]: ann switched maintenance mode on"));
  const std::vector<std::string> bad = {
      "{}", R"({"enabled":null})", R"({"enabled":1})", R"({"enabled":true,"message":[1]})"};
  for (const auto& body : bad) {
    const Answer refused = co_await api.post(ann, "/v1/apps/shop/maintenance/", body);
    EXPECT_EQ(refused.status, 400) << body;
  }
}

API_TEST(Maintenance, SwitchesWhileAnOperationHoldsTheApp) {
  const std::string ann = co_await api.user("ann");
  co_await api.deployed_app(ann, "shop");
  const auto guard = api.locks->try_lock(AppId::parse("shop"));
  const Answer on = co_await api.post(ann, "/v1/apps/shop/maintenance/", R"({"enabled":true})");
  EXPECT_EQ(on.status, 201) << on.body;
}

API_TEST(Maintenance, ThatARouterDoesNotFollowIsStoredAndSaysSo) {
  const std::string ann = co_await api.user("ann");
  co_await api.deployed_app(ann, "shop");
  api.platform->router->stall();
  api.platform->scheduler().cluster().options.routers_within = std::chrono::milliseconds(100);
  const Answer late = co_await api.post(ann, "/v1/apps/shop/maintenance/", R"({"enabled":true})");
  EXPECT_EQ(late.status, 503);
  EXPECT_THAT(late.text("/detail"), HasSubstr("the change is stored"));
  EXPECT_THAT(late.text("/detail"), HasSubstr("router r1"));
  const Answer read = co_await api.get(ann, "/v1/apps/shop/maintenance/");
  EXPECT_EQ(read.text("/enabled"), "true");
  api.platform->router->resume();
}

API_TEST(Allowlist, IsChosenOrElseTheConfigs) {
  const std::string ann = co_await api.user("ann");
  co_await api.deployed_app(ann, "shop");
  co_await api.post(
      ann, "/v1/apps/shop/config/", R"({"values":{"DEIS_WHITELIST":"10.0.0.7/8:office,192.168.0.1"}})");
  const Answer by_config = co_await api.get(ann, "/v1/apps/shop/allowlist/");
  EXPECT_EQ(by_config.body, R"({"addresses":["10.0.0.0/8","192.168.0.1"]})");
  const auto configured = co_await api.platform->route("shop");
  EXPECT_EQ(configured, R"({"release":3,"config_allowlist":["10.0.0.0/8","192.168.0.1"]})");
  const Answer chosen =
      co_await api.post(ann, "/v1/apps/shop/allowlist/", R"({"addresses":["2001:DB8::1/32","10.9.9.9"]})");
  EXPECT_EQ(chosen.status, 201) << chosen.body;
  EXPECT_EQ(chosen.body, R"({"addresses":["10.9.9.9","2001:db8::/32"]})");
  const Answer open = co_await api.post(ann, "/v1/apps/shop/allowlist/", R"({"addresses":[]})");
  EXPECT_EQ(open.body, R"({"addresses":[]})");
  const auto opened = co_await api.platform->route("shop");
  EXPECT_THAT(opened, HasSubstr(R"("allowlist":[])"));
  const Answer unset = co_await api.post(ann, "/v1/apps/shop/allowlist/", R"({"addresses":null})");
  EXPECT_EQ(unset.body, by_config.body);
  co_await api.post(ann, "/v1/apps/shop/config/", R"({"values":{"DEIS_WHITELIST":null}})");
  const auto bare = co_await api.platform->route("shop");
  EXPECT_EQ(bare, R"({"release":4})");
  const std::vector<std::string> bad = {
      "{}", R"({"addresses":"10.0.0.1"})", R"({"addresses":["office"]})", R"({"addresses":[1]})"};
  for (const auto& body : bad) {
    const Answer refused = co_await api.post(ann, "/v1/apps/shop/allowlist/", body);
    EXPECT_EQ(refused.status, 400) << body;
    EXPECT_FALSE(refused.text("/addresses").empty()) << refused.body;
  }
}

API_TEST(Allowlist, OfTheConfigIsRefusedWhenItCannotBeRead) {
  const std::string ann = co_await api.user("ann");
  co_await api.deployed_app(ann, "shop");
  const Answer refused =
      co_await api.post(ann, "/v1/apps/shop/config/", R"({"values":{"DEIS_WHITELIST":"the office"}})");
  EXPECT_EQ(refused.status, 400);
  EXPECT_THAT(refused.text("/values"), HasSubstr("DEIS_WHITELIST"));
}

API_TEST(Policy, StaysWhenReleasesComeAndGoAndEndsWithTheApp) {
  const std::string ann = co_await api.user("ann");
  co_await api.deployed_app(ann, "shop");
  co_await api.post(ann, "/v1/apps/shop/allowlist/", R"({"addresses":["10.0.0.1"]})");
  co_await api.post(ann, "/v1/apps/shop/config/", R"({"values":{"A":"1"}})");
  co_await api.post(ann, "/v1/apps/shop/releases/rollback/", R"({"version":2})");
  const auto route = co_await api.platform->route("shop");
  EXPECT_EQ(route, R"({"release":4,"allowlist":["10.0.0.1"]})");
  co_await api.del(ann, "/v1/apps/shop/");
  co_await api.post(ann, "/v1/apps/", R"({"id":"shop"})");
  const auto fresh = co_await api.platform->route("shop");
  EXPECT_EQ(fresh, R"({"release":1})");
  const Answer read = co_await api.get(ann, "/v1/apps/shop/allowlist/");
  EXPECT_EQ(read.body, R"({"addresses":[]})");
}

API_TEST(Policy, IsForMembersOfTheAppOnly) {
  const std::string ann = co_await api.user("ann");
  const std::string bob = co_await api.user("bob");
  const std::string eve = co_await api.user("eve");
  co_await api.post(bob, "/v1/apps/", R"({"id":"shop"})");
  co_await api.post(bob, "/v1/apps/shop/perms/", R"({"username":"ann"})");
  const std::vector<std::string> nouns = {"healthchecks", "maintenance", "allowlist", "limits"};
  for (const auto& noun : nouns) {
    const std::string path = "/v1/apps/shop/" + noun + "/";
    const Answer member = co_await api.get(ann, path);
    const Answer stranger = co_await api.get(eve, path);
    const Answer stranger_post = co_await api.post(eve, path, "{}");
    const Answer anonymous = co_await api.get("", path);
    const Answer absent = co_await api.get(ann, "/v1/apps/nothing/" + noun + "/");
    const Answer wrong_method = co_await api.call("PUT", ann, path, "{}");
    EXPECT_EQ(member.status, 200) << noun;
    EXPECT_EQ(stranger.status, 403) << noun;
    EXPECT_EQ(stranger_post.status, 403) << noun;
    EXPECT_EQ(anonymous.status, 401) << noun;
    EXPECT_EQ(absent.status, 404) << noun;
    EXPECT_EQ(wrong_method.status, 405) << noun;
  }
}

API_TEST(Limits, AreAReleaseAndReachTheEngine) {
  const std::string ann = co_await api.user("ann");
  co_await api.deployed_app(ann, "shop");
  co_await api.post(ann, "/v1/apps/shop/config/", R"({"memory":{"web":"1G"},"tags":{"disk":"ssd"}})");
  const Answer set = co_await api.post(
      ann, "/v1/apps/shop/limits/", R"({"web":{"cpu":512,"pids":"200"},"worker":{"memory":"64M"}})");
  EXPECT_EQ(set.status, 201) << set.body;
  EXPECT_EQ(set.headers.get("Deis-Release"), "4");
  EXPECT_EQ(set.body, R"({"web":{"memory":"1G","cpu":512,"pids":200},"worker":{"memory":"64M"}})");
  const JobSpec* spec = api.engine().spec(api.job("shop_v4.web.1"));
  CO_ASSERT_TRUE(spec);
  EXPECT_EQ(spec->memory_bytes, 1 << 30);
  EXPECT_EQ(spec->cpu_shares, 512);
  EXPECT_EQ(spec->pids_limit, 200);
  EXPECT_EQ(spec->tags.at("disk"), "ssd");
  const Answer config = co_await api.get(ann, "/v1/apps/shop/config/");
  EXPECT_EQ(config.json().as_object().size(), 9U) << "the contract knows no pids: " << config.body;
  EXPECT_EQ(config.text("/cpu"), R"({"web":512})");
  const Answer newest = co_await api.get(ann, "/v1/apps/shop/releases/");
  EXPECT_EQ(newest.text("/results/0/summary"), "ann changed limits for memory, cpu, pids");

  co_await api.post(ann, "/v1/apps/shop/config/", R"({"values":{"A":"1"}})");
  const Answer kept = co_await api.get(ann, "/v1/apps/shop/limits/");
  EXPECT_EQ(kept.body, set.body);
  const Answer less =
      co_await api.post(ann, "/v1/apps/shop/limits/", R"({"web":{"pids":null},"worker":null})");
  EXPECT_EQ(less.body, R"({"web":{"memory":"1G","cpu":512}})");
  co_await api.post(ann, "/v1/apps/shop/releases/rollback/", R"({"version":4})");
  const Answer back = co_await api.get(ann, "/v1/apps/shop/limits/");
  EXPECT_EQ(back.body, set.body);
}

API_TEST(Limits, ThatAreWrongNameTheLimit) {
  const std::string ann = co_await api.user("ann");
  co_await api.deployed_app(ann, "shop");
  const std::vector<std::pair<std::string, std::string>> bad = {
      {R"({"web":{"pids":1}})", "/pids"},
      {R"({"web":{"cpu":"many"}})", "/cpu"},
      {R"({"web":{"memory":"1X"}})", "/memory"},
      {R"({"web":{"disk":"1G"}})", "/web"},
      {R"({"web":[]})", "/web"}};
  for (const auto& [body, field] : bad) {
    const Answer refused = co_await api.post(ann, "/v1/apps/shop/limits/", body);
    EXPECT_EQ(refused.status, 400) << body;
    EXPECT_FALSE(refused.text(field).empty()) << refused.body;
  }
}

API_TEST(Routing, IsChangedWithoutAReleaseAndWrittenForTheRouters) {
  const std::string ann = co_await api.user("ann");
  co_await api.deployed_app(ann, "shop");
  const Answer standard = co_await api.get(ann, "/v1/apps/shop/routes/");
  EXPECT_EQ(standard.body, R"({"balance":"round-robin","drain_timeout":30})");
  const Answer set =
      co_await api.post(ann, "/v1/apps/shop/routes/", R"({"balance":"least-requests","drain_timeout":120})");
  EXPECT_EQ(set.status, 201) << set.body;
  EXPECT_EQ(set.body, R"({"balance":"least-requests","drain_timeout":120})");
  const auto route = co_await api.platform->route("shop");
  EXPECT_EQ(route, R"({"release":2,"balance":"least-requests","drain_timeout":120})");
  const Answer unset = co_await api.post(ann, "/v1/apps/shop/routes/", R"({"balance":null})");
  EXPECT_EQ(unset.body, R"({"balance":"round-robin","drain_timeout":120})");
  const Answer refused = co_await api.post(
      ann, "/v1/apps/shop/routes/", R"({"balance":"random","drain_timeout":[1],"colour":"red"})");
  EXPECT_EQ(refused.status, 400);
  EXPECT_FALSE(refused.text("/drain_timeout").empty()) << refused.body;
  const auto count = co_await releases(api, ann);
  EXPECT_EQ(count, 2);
}

}  // namespace
}  // namespace deis::controller::api
