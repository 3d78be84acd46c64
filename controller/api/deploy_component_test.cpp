// Config, builds, releases, scaling (contract api.md §9.5 - §9.8): what makes containers come and go.

#include "controller/api/api_fixture.h"

#include <gmock/gmock.h>

namespace deis::controller::api {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

constexpr auto kBuild =
    R"({"image":"shop","sha":"abcdef0123","dockerfile":"true","procfile":{"web":"serve","worker":"work"}})";

// The app's own containers that exist in the engine when nothing waits to be ended.
Task<std::set<std::string>> settled_jobs(ApiFixture& api) {
  co_await api.platform->until([&] { return api.platform->scheduler().retiring().jobs().empty(); });
  co_return api.platform->jobs();
}

API_TEST(NewApp, HasAnEmptyConfigOneReleaseAndNoBuild) {
  const std::string ann = co_await api.user("ann");
  co_await api.post(ann, "/v1/apps/", R"({"id":"shop"})");
  const Answer config = co_await api.get(ann, "/v1/apps/shop/config/");
  for (const char* map : {"/values", "/memory", "/cpu", "/tags"}) EXPECT_EQ(config.text(map), "{}");
  const Answer releases = co_await api.get(ann, "/v1/apps/shop/releases/");
  EXPECT_EQ(releases.count(), 1);
  EXPECT_EQ(releases.json().at("results").at(0).as_object().size(), 9U);
  EXPECT_EQ(releases.text("/results/0/build"), "null");
  EXPECT_EQ(releases.text("/results/0/config"), config.text("/uuid"));
  const Answer builds = co_await api.get(ann, "/v1/apps/shop/builds/");
  EXPECT_EQ(builds.body, R"({"count":0,"next":null,"previous":null,"results":[]})");
}

API_TEST(Config, IsMergedAndShowsTheReleaseOnlyInTheAnswerToAChange) {
  const std::string ann = co_await api.user("ann");
  co_await api.post(ann, "/v1/apps/", R"({"id":"shop"})");
  const Answer first = co_await api.post(
      ann,
      "/v1/apps/shop/config/",
      R"({"values":"{\"PORT\": 5000, \"NAME\": \"Grüße\"}","memory":{"web":"1G"}})");
  EXPECT_EQ(first.status, 201) << first.body;
  EXPECT_EQ(first.headers.get("X-Deis-Release"), "2");
  EXPECT_EQ(first.text("/values"), R"({"NAME":"Grüße","PORT":"5000"})");
  const Answer read = co_await api.get(ann, "/v1/apps/shop/config/");
  EXPECT_EQ(read.body, first.body);
  co_await api.post(ann, "/v1/apps/shop/builds/", kBuild);
  const Answer second =
      co_await api.post(ann, "/v1/apps/shop/config/", R"({"values":{"PORT":null},"cpu":{"web":"512"}})");
  EXPECT_EQ(second.text("/values"), R"({"NAME":"Grüße","DEIS_APP":"shop","DEIS_RELEASE":"v4"})");
  EXPECT_EQ(second.text("/cpu"), R"({"web":512})");
  EXPECT_EQ(second.text("/memory"), R"({"web":"1G"})");
  const Answer after = co_await api.get(ann, "/v1/apps/shop/config/");
  EXPECT_EQ(after.text("/values"), R"({"NAME":"Grüße"})");
  const JobSpec* spec = api.engine().spec(api.job("shop_v4.web.1"));
  CO_ASSERT_TRUE(spec);
  EXPECT_EQ(spec->env.at("NAME"), "Grüße");
  EXPECT_EQ(spec->cpu_shares, 512);
}

API_TEST(Config, TellsEveryMapThatIsWrong) {
  const std::string ann = co_await api.user("ann");
  co_await api.post(ann, "/v1/apps/", R"({"id":"shop"})");
  const Answer answer = co_await api.post(
      ann, "/v1/apps/shop/config/", R"({"values":{"FOO-BAR":"1"},"cpu":{"web":"much"},"tags":{"a.b":"c"}})");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.json().as_object().size(), 3U) << answer.body;
  EXPECT_EQ(answer.text("/cpu"), R"(["CPU shares must be an integer"])");
  const std::vector<std::string> bad = {
      R"({"values":"no json"})", R"({"values":null})", R"({"values":[1]})", R"({"cpu":{"web":[1]}})"};
  for (const auto& body : bad) {
    const Answer refused = co_await api.post(ann, "/v1/apps/shop/config/", body);
    EXPECT_EQ(refused.status, 400) << body;
  }
  const Answer releases = co_await api.get(ann, "/v1/apps/shop/releases/");
  EXPECT_EQ(releases.count(), 1);
}

API_TEST(Config, ChangeIs409WhileAnotherOneHoldsTheApp) {
  const std::string ann = co_await api.user("ann");
  co_await api.post(ann, "/v1/apps/", R"({"id":"shop"})");
  const auto guard = api.locks->try_lock(AppId::parse("shop"));
  api.patience.app_lock = std::chrono::milliseconds(100);
  const Answer answer = co_await api.post(ann, "/v1/apps/shop/config/", R"({"values":{"A":"1"}})");
  EXPECT_EQ(answer.status, 409);
  EXPECT_TRUE(answer.text("/error").starts_with("Config changes already in progress.\n")) << answer.body;
  const Answer releases = co_await api.get(ann, "/v1/apps/shop/releases/");
  EXPECT_EQ(releases.count(), 1);
}

API_TEST(Build, StartsTheDefaultProcessAndIsReturnedAsStored) {
  const std::string ann = co_await api.user("ann");
  co_await api.post(ann, "/v1/apps/", R"({"id":"shop"})");
  const Answer built =
      co_await api.post(ann, "/v1/apps/shop/builds/", R"({"image":"nginx:1","procfile":"{\"web\":\"x\"}"})");
  EXPECT_EQ(built.status, 201) << built.body;
  EXPECT_EQ(built.headers.get("Deis-Release"), "2");
  EXPECT_EQ(built.json().as_object().size(), 9U);
  EXPECT_EQ(built.text("/procfile"), R"({"web":"x"})");
  EXPECT_EQ(built.text("/sha"), "");
  const Answer read = co_await api.get(ann, "/v1/apps/shop/builds/" + built.text("/uuid"));
  EXPECT_EQ(read.body, built.body);
  const Answer unknown = co_await api.get(ann, "/v1/apps/shop/builds/nonsense");
  EXPECT_EQ(unknown.status, 404);
  const Answer containers = co_await api.get(ann, "/v1/apps/shop/containers/");
  EXPECT_EQ(containers.count(), 1);
  EXPECT_EQ(containers.text("/results/0/type"), "cmd");
  EXPECT_EQ(containers.text("/results/0/num"), "1");
  EXPECT_EQ(containers.text("/results/0/state"), "up");
  EXPECT_EQ(containers.text("/results/0/release"), "v2");
  const Answer forbidden = co_await api.post(ann, "/v1/apps/shop/builds/", R"({"image":"deis/controller"})");
  EXPECT_EQ(forbidden.status, 403);
  EXPECT_EQ(forbidden.body, R"({"detail":"Repository name deis/controller is not allowed"})");
}

API_TEST(Build, ThatTheEngineRefusesIsWithdrawnAndTheOldReleaseStays) {
  const std::string ann = co_await api.user("ann");
  co_await api.deployed_app(ann, "shop");
  api.engine().set_failure_rates({.create = 1});
  const Answer failed = co_await api.post(ann, "/v1/apps/shop/builds/", kBuild);
  EXPECT_EQ(failed.status, 503);
  EXPECT_EQ(failed.text("/detail"), "aborting, failed to create some containers");
  EXPECT_EQ(failed.text("/reason"), "creation of shop_v3.web.1 failed");
  api.engine().set_failure_rates({});
  const Answer releases = co_await api.get(ann, "/v1/apps/shop/releases/");
  EXPECT_EQ(releases.count(), 2);
  const auto jobs = co_await settled_jobs(api);
  EXPECT_THAT(jobs, ElementsAre("shop_v2.web.1"));
  const Answer list = co_await api.get(ann, "/v1/apps/shop/containers/");
  EXPECT_EQ(list.text("/results/0/state"), "up");
  EXPECT_EQ(list.text("/results/0/release"), "v2");
  const Answer next = co_await api.post(ann, "/v1/apps/shop/builds/", kBuild);
  EXPECT_EQ(next.headers.get("Deis-Release"), "3") << next.body;
}

API_TEST(Build, WhoseContainersCrashIsWithdrawn) {
  const std::string ann = co_await api.user("ann");
  co_await api.deployed_app(ann, "shop");
  api.engine().script(api.job("shop_v3.web.1"), {.crash = true, .exit_code = 3, .log = "no config"});
  const Answer failed = co_await api.post(ann, "/v1/apps/shop/config/", R"({"values":{"A":"1"}})");
  EXPECT_EQ(failed.status, 503);
  const Answer config = co_await api.get(ann, "/v1/apps/shop/config/");
  EXPECT_EQ(config.text("/values"), "{}");
  const auto jobs = co_await settled_jobs(api);
  EXPECT_THAT(jobs, ElementsAre("shop_v2.web.1"));
}

API_TEST(Build, EndsTheTypesItNoLongerHas) {
  const std::string ann = co_await api.user("ann");
  co_await api.deployed_app(ann, "shop");
  co_await api.post(ann, "/v1/apps/shop/scale/", R"({"worker":1})");
  const Answer built = co_await api.post(
      ann,
      "/v1/apps/shop/builds/",
      R"({"image":"shop","sha":"abcdef01","dockerfile":"true","procfile":{"web":"x"}})");
  EXPECT_EQ(built.status, 201) << built.body;
  const Answer workers = co_await api.get(ann, "/v1/apps/shop/containers/worker/");
  EXPECT_EQ(workers.count(), 0);
  const auto jobs = co_await settled_jobs(api);
  EXPECT_THAT(jobs, ElementsAre("shop_v3.web.1"));
}

API_TEST(Release, ChangesAreNumberedAndSummarised) {
  const std::string ann = co_await api.user("ann");
  co_await api.post(ann, "/v1/apps/", R"({"id":"shop"})");
  co_await api.post(ann, "/v1/apps/shop/config/", R"({"values":{"NEW_URL":"x"}})");
  co_await api.post(ann, "/v1/apps/shop/builds/", kBuild);
  const Answer list = co_await api.get(ann, "/v1/apps/shop/releases/");
  EXPECT_EQ(list.count(), 3);
  EXPECT_EQ(list.text("/results/0/summary"), "ann deployed abcdef0");
  EXPECT_EQ(list.text("/results/1/summary"), "ann added NEW_URL");
  EXPECT_EQ(list.text("/results/2/summary"), "ann created initial release");
  EXPECT_THAT(api.app_lines, testing::Contains("INFO [shop]: ann deployed abcdef0"));
  const Answer second = co_await api.get(ann, "/v1/apps/shop/releases/v2");
  EXPECT_EQ(second.text("/version"), "2");
  for (const std::string path : {"v9", "2", "vx"}) {
    const Answer unknown = co_await api.get(ann, "/v1/apps/shop/releases/" + path);
    EXPECT_EQ(unknown.status, 404) << path;
  }
  for (const std::string method : {"POST", "PUT", "PATCH", "DELETE"}) {
    const Answer refused = co_await api.call(method, ann, "/v1/apps/shop/releases/");
    EXPECT_EQ(refused.status, 405) << method;
  }
}

API_TEST(Rollback, BringsConfigAndBuildBack) {
  const std::string ann = co_await api.user("ann");
  co_await api.post(ann, "/v1/apps/", R"({"id":"shop"})");
  const Answer impossible = co_await api.post(ann, "/v1/apps/shop/releases/rollback/");
  EXPECT_EQ(impossible.status, 400);
  EXPECT_EQ(impossible.body, R"({"detail":"version cannot be below 0"})");
  co_await api.post(ann, "/v1/apps/shop/builds/", kBuild);
  const Answer three = co_await api.post(ann, "/v1/apps/shop/config/", R"({"values":{"A":"1"}})");
  const Answer bare = co_await api.post(ann, "/v1/apps/shop/releases/rollback/");
  EXPECT_EQ(bare.status, 201) << bare.body;
  EXPECT_EQ(bare.body, R"({"version":4})");
  const Answer config = co_await api.get(ann, "/v1/apps/shop/config/");
  EXPECT_EQ(config.text("/values"), "{}");
  const Answer forward = co_await api.post(ann, "/v1/apps/shop/releases/rollback/", R"({"version":"3"})");
  EXPECT_EQ(forward.body, R"({"version":5})");
  const Answer again = co_await api.get(ann, "/v1/apps/shop/config/");
  EXPECT_EQ(again.text("/uuid"), three.text("/uuid"));
  const Answer release = co_await api.get(ann, "/v1/apps/shop/releases/v5/");
  EXPECT_EQ(release.text("/summary"), "ann rolled back to v3");
  EXPECT_EQ(release.text("/config"), three.text("/uuid"));
  const auto jobs = co_await settled_jobs(api);
  EXPECT_THAT(jobs, ElementsAre("shop_v5.web.1"));
  const Answer unknown = co_await api.post(ann, "/v1/apps/shop/releases/rollback/", R"({"version":99})");
  EXPECT_EQ(unknown.status, 404);
  const Answer word = co_await api.post(ann, "/v1/apps/shop/releases/rollback/", R"({"version":"x"})");
  EXPECT_EQ(word.status, 400);
}

API_TEST(Rollback, ToTheFirstReleaseStopsEverything) {
  const std::string ann = co_await api.user("ann");
  co_await api.deployed_app(ann, "shop");
  const Answer answer = co_await api.post(ann, "/v1/apps/shop/releases/rollback/", R"({"version":1})");
  EXPECT_EQ(answer.status, 201) << answer.body;
  const auto jobs = co_await settled_jobs(api);
  EXPECT_TRUE(jobs.empty());
  const Answer scale = co_await api.post(ann, "/v1/apps/shop/scale/", R"({"web":1})");
  EXPECT_EQ(scale.body, R"({"detail":"No build associated with this release"})");
  const Answer forward = co_await api.post(ann, "/v1/apps/shop/releases/rollback/", R"({"version":2})");
  EXPECT_EQ(forward.status, 201) << forward.body;
  const auto back = co_await settled_jobs(api);
  EXPECT_THAT(back, ElementsAre("shop_v4.web.1"));
}

API_TEST(Scale, MovesContainersNumbersAndStructure) {
  const std::string ann = co_await api.user("ann");
  co_await api.deployed_app(ann, "shop");
  const Answer up = co_await api.post(ann, "/v1/apps/shop/scale/", R"({"web":"3","worker":1})");
  EXPECT_EQ(up.status, 204) << up.body;
  EXPECT_THAT(api.app_lines, testing::Contains("INFO [shop]: ann scaled containers web=3 worker=1"));
  const Answer app = co_await api.get(ann, "/v1/apps/shop/");
  EXPECT_EQ(app.text("/structure"), R"({"web":3,"worker":1})");
  auto jobs = co_await settled_jobs(api);
  EXPECT_THAT(jobs, ElementsAre("shop_v2.web.1", "shop_v2.web.2", "shop_v2.web.3", "shop_v2.worker.1"));
  const Answer down = co_await api.post(ann, "/v1/apps/shop/scale/", R"({"web":1})");
  EXPECT_EQ(down.status, 204) << down.body;
  jobs = co_await settled_jobs(api);
  EXPECT_THAT(jobs, ElementsAre("shop_v2.web.1", "shop_v2.worker.1"));
  co_await api.post(ann, "/v1/apps/shop/scale/", R"({"web":0,"worker":0})");
  const Answer list = co_await api.get(ann, "/v1/apps/shop/containers/");
  EXPECT_EQ(list.count(), 0);
  const Answer built = co_await api.post(ann, "/v1/apps/shop/builds/", kBuild);
  EXPECT_EQ(built.status, 201) << built.body;
  jobs = co_await settled_jobs(api);
  EXPECT_TRUE(jobs.empty());
}

API_TEST(Scale, RefusesWhatItCannotDo) {
  const std::string ann = co_await api.user("ann");
  co_await api.post(ann, "/v1/apps/", R"({"id":"shop"})");
  const Answer word = co_await api.post(ann, "/v1/apps/shop/scale/", R"({"web":"not_an_int"})");
  EXPECT_EQ(word.status, 400);
  EXPECT_EQ(
      word.body,
      R"({"detail":"Invalid scaling format: invalid literal for int() with base 10: 'not_an_int'"})");
  for (const char* body :
       {R"({"web":-1})",
        R"({"web":[1]})",
        R"({"web":1.5})",
        R"({"web":2147483647})",
        R"({"web":null})",
        "[]"}) {
    const Answer bad = co_await api.post(ann, "/v1/apps/shop/scale/", body);
    EXPECT_EQ(bad.status, 400) << body;
  }
  const Answer no_build = co_await api.post(ann, "/v1/apps/shop/scale/", R"({"web":1})");
  EXPECT_EQ(no_build.body, R"({"detail":"No build associated with this release"})");
  co_await api.post(ann, "/v1/apps/shop/builds/", kBuild);
  const Answer unknown = co_await api.post(ann, "/v1/apps/shop/scale/", R"({"web":2,"nope":0})");
  EXPECT_EQ(unknown.status, 400);
  EXPECT_EQ(unknown.body, R"({"detail":"Container type nope does not exist in application"})");
  const Answer nothing = co_await api.post(ann, "/v1/apps/shop/scale/", "{}");
  EXPECT_EQ(nothing.status, 204);
}

API_TEST(Scale, ThatFailsToCreateLeavesNoneOfTheNewContainers) {
  const std::string ann = co_await api.user("ann");
  co_await api.deployed_app(ann, "shop");
  api.engine().script(api.job("shop_v2.web.3"), {.refuse_create = true});
  const Answer failed = co_await api.post(ann, "/v1/apps/shop/scale/", R"({"web":3})");
  EXPECT_EQ(failed.status, 503);
  EXPECT_THAT(
      api.app_lines, testing::Contains(testing::StartsWith("ERROR [shop]: scaling failed: aborting, ")));
  EXPECT_EQ(failed.text("/detail"), "aborting, failed to create some containers");
  const Answer list = co_await api.get(ann, "/v1/apps/shop/containers/");
  EXPECT_EQ(list.count(), 1);
  const auto jobs = co_await settled_jobs(api);
  EXPECT_THAT(jobs, ElementsAre("shop_v2.web.1"));
}

API_TEST(Containers, AreShownByTypeAndNumber) {
  const std::string ann = co_await api.user("ann");
  co_await api.deployed_app(ann, "shop");
  const Answer type = co_await api.get(ann, "/v1/apps/shop/containers/web/");
  EXPECT_EQ(type.count(), 1);
  EXPECT_EQ(type.json().at("results").at(0).as_object().size(), 9U);
  const Answer empty = co_await api.get(ann, "/v1/apps/shop/containers/nope/");
  EXPECT_EQ(empty.count(), 0);
  const Answer one = co_await api.get(ann, "/v1/apps/shop/containers/web/1/");
  EXPECT_EQ(one.text("/state"), "up");
  for (const std::string path : {"web/2", "web/x", "web/0"}) {
    const Answer unknown = co_await api.get(ann, "/v1/apps/shop/containers/" + path);
    EXPECT_EQ(unknown.status, 404) << path;
  }
}

API_TEST(Restart, AnswersExactlyTheSelectedContainers) {
  const std::string ann = co_await api.user("ann");
  co_await api.deployed_app(ann, "shop");
  co_await api.post(ann, "/v1/apps/shop/scale/", R"({"web":2,"worker":1})");
  const Answer all = co_await api.post(ann, "/v1/apps/shop/containers/restart/");
  EXPECT_EQ(all.status, 200) << all.body;
  EXPECT_EQ(all.json().as_array().size(), 3U);
  const Answer web = co_await api.post(ann, "/v1/apps/shop/containers/web/restart/");
  EXPECT_EQ(web.json().as_array().size(), 2U);
  EXPECT_EQ(web.text("/0/state"), "up");
  const Answer one = co_await api.post(ann, "/v1/apps/shop/containers/web/2/restart/");
  EXPECT_EQ(one.json().as_array().size(), 1U);
  EXPECT_EQ(one.text("/0/num"), "2");
  const Answer none = co_await api.post(ann, "/v1/apps/shop/containers/web/9/restart/");
  EXPECT_EQ(none.body, "[]");
}

API_TEST(Restart, ThatFailsIsToldInTheLogOfTheApp) {
  const std::string ann = co_await api.user("ann");
  co_await api.deployed_app(ann, "shop");
  api.engine().set_failure_rates({.stop = 1});
  const Answer restarted = co_await api.post(ann, "/v1/apps/shop/containers/restart/");
  EXPECT_EQ(restarted.status, 200);
  EXPECT_EQ(restarted.text("/0/state"), "crashed");
  EXPECT_THAT(api.app_lines, testing::Contains(testing::StartsWith("ERROR [shop]: restart failed: ")));
}

}  // namespace
}  // namespace deis::controller::api
