// What clients of /v1/apps/<id>/events see.

#include "controller/api/sse_fixture.h"
#include "core/net/task_group.h"

#include <gmock/gmock.h>

namespace deis::controller::api {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsSupersetOf;

constexpr auto kEventsBuild =
    R"({"image":"shop","sha":"abcdef0123","dockerfile":"true","procfile":{"web":"serve","worker":"work"}})";

auto is(std::string wanted) {
  return [wanted = std::move(wanted)](const SseEvent& event) { return brief(event) == wanted; };
}

Task<Answer> post_as(ApiFixture& api, std::string token, std::string path, std::string body, std::string id) {
  net::Request request;
  request.method = "POST";
  request.target = std::move(path);
  request.body = std::move(body);
  request.headers.set("Content-Type", "application/json");
  request.headers.set("Authorization", "token " + token);
  request.headers.set("X-Request-Id", id);
  co_return co_await api.send(std::move(request));
}

std::vector<std::string> briefs(const std::vector<SseEvent>& events) {
  std::vector<std::string> texts;
  for (const auto& event : events) texts.push_back(brief(event));
  return texts;
}

API_TEST(Events, DeployIsToldPhaseByPhaseWithTheRequestThatCausedIt) {
  const std::string ann = co_await api.user("ann");
  co_await api.deployed_app(ann, "shop");
  const auto events = co_await SseReader::open(api, ann, "shop");
  EXPECT_EQ(events->head().headers.get("Content-Type"), "text/event-stream");
  EXPECT_EQ(events->head().headers.get("X-Accel-Buffering"), "no");
  EXPECT_EQ(events->head().headers.get("DEIS_API_VERSION"), "1.7");
  const Answer built = co_await post_as(api, ann, "/v1/apps/shop/builds/", kEventsBuild, "my-push-1");
  EXPECT_EQ(built.status, 201) << built.body;
  const auto seen = co_await events->until(is("deploy:done"));
  EXPECT_THAT(
      phases_of(seen, "my-push-1"),
      ElementsAre("starting", "created", "healthy", "switched", "drained", "done"));
  EXPECT_THAT(briefs(seen), IsSupersetOf({"web.1:starting", "web.1:up"}));
  std::int64_t before = 0;
  for (const auto& event : seen) {
    if (event.name != "phase") continue;
    EXPECT_EQ(event.json().at("release").as_int64(), 3);
    EXPECT_GE(event.json().at("ms").as_int64(), before);
    before = event.json().at("ms").as_int64();
  }
}

API_TEST(Events, EachOperationHasItsName) {
  const std::string ann = co_await api.user("ann");
  co_await api.deployed_app(ann, "shop");
  const auto events = co_await SseReader::open(api, ann, "shop");
  const std::vector<std::array<std::string, 3>> calls = {
      {"config", "config/", R"({"values":{"A":"1"}})"},
      {"rollback", "releases/rollback/", "{}"},
      {"scale", "scale/", R"({"web":2})"},
      {"restart", "containers/restart/", ""}};
  for (const auto& [operation, path, body] : calls) {
    const Answer answer = co_await post_as(api, ann, "/v1/apps/shop/" + path, body, operation + "-1");
    EXPECT_LT(answer.status, 300) << answer.body;
    const auto seen = co_await events->until(is(operation + ":done"));
    EXPECT_THAT(phases_of(seen, operation + "-1"), IsSupersetOf({"starting", "healthy", "done"}))
        << operation;
  }
}

API_TEST(Events, FailedRollOutTellsWhy) {
  const std::string ann = co_await api.user("ann");
  co_await api.deployed_app(ann, "shop");
  const auto events = co_await SseReader::open(api, ann, "shop");
  api.engine().script(api.job("shop_v3.web.1"), MemoryEngine::Script{.crash = true, .exit_code = 3});
  const Answer refused = co_await post_as(api, ann, "/v1/apps/shop/builds/", kEventsBuild, "bad-push");
  EXPECT_EQ(refused.status, 503) << refused.body;
  const auto seen = co_await events->until(is("deploy:failed"));
  EXPECT_THAT(phases_of(seen, "bad-push"), ElementsAre("starting", "created", "failed"));
  const std::string why(seen.back().json().at("detail").as_string());
  EXPECT_NE(why.find("exited with code 3"), std::string::npos) << why;
  EXPECT_THAT(briefs(seen), Contains("web.1:crashed"));
}

API_TEST(Events, ContainerChangesAreTold) {
  const std::string ann = co_await api.user("ann");
  co_await api.deployed_app(ann, "shop");
  const auto events = co_await SseReader::open(api, ann, "shop");
  api.platform->publisher->say(api.job("shop_v2.web.1"), "failing", "got 500");
  const auto failing = co_await events->until(is("web.1:down"));
  EXPECT_EQ(failing.back().json().at("detail").as_string(), "got 500");
  EXPECT_EQ(failing.back().json().at("release").as_int64(), 2);
  api.engine().crash(api.job("shop_v2.web.1"));
  const auto crashed = co_await events->until(is("web.1:crashed"));
  EXPECT_EQ(crashed.back().json().at("detail").as_string(), "exited with code 1");
  co_await api.del(ann, "/v1/apps/shop/");
  co_await events->until(is("web.1:destroyed"));
}

API_TEST(Events, ClientThatComesAgainMissesNothing) {
  const std::string ann = co_await api.user("ann");
  co_await api.deployed_app(ann, "shop");
  auto events = co_await SseReader::open(api, ann, "shop");
  co_await api.post(ann, "/v1/apps/shop/config/", R"({"values":{"A":"1"}})");
  co_await events->until(is("config:switched"));
  const std::string id = events->last_id();
  events.reset();
  const auto again = co_await SseReader::open(api, ann, "shop", id);
  const auto rest = co_await again->until(is("config:done"));
  EXPECT_THAT(briefs(rest), testing::Not(Contains("config:switched")));
  EXPECT_THAT(briefs(rest), testing::Not(Contains("reset")));
}

API_TEST(Events, UnknownPositionIsResetAndEverythingKeptFollows) {
  const std::string ann = co_await api.user("ann");
  co_await api.deployed_app(ann, "shop");
  const auto events = co_await SseReader::open(api, ann, "shop", "0badb007-17");
  const auto seen = co_await events->until(is("deploy:switched"));
  EXPECT_EQ(brief(seen.front()), "reset");
  EXPECT_EQ(seen.front().data, "{}");
  EXPECT_EQ(brief(seen.at(1)), "deploy:starting");
}

API_TEST(Events, ReaderThatIsTooSlowIsResetAndCostsNothing) {
  const std::string ann = co_await api.user("ann");
  co_await api.deployed_app(ann, "shop");
  const auto events = co_await SseReader::open(api, ann, "shop");
  // Far more than sockets hold, and than is kept.
  const AppId shop = AppId::parse("shop");
  const std::string data = R"({"padding":")" + std::string(60'000, 'x') + R"("})";
  for (int i = 0; i < 2000; ++i) {
    api.events->publish(shop, "phase-like", data);
    if (i % 50 == 0) co_await net::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_LE(api.events->bytes(), EventLimits().bytes);
  api.events->publish(shop, "last", "{}");
  const auto seen = co_await events->until(is("last"));
  EXPECT_THAT(briefs(seen), Contains("reset"));
  EXPECT_LT(seen.size(), 2000U);
}

API_TEST(Events, EndWithTheirApp) {
  const std::string ann = co_await api.user("ann");
  co_await api.deployed_app(ann, "shop");
  const auto events = co_await SseReader::open(api, ann, "shop");
  const Answer gone = co_await api.del(ann, "/v1/apps/shop/");
  EXPECT_EQ(gone.status, 204) << gone.body;
  const auto seen = co_await events->until(is("destroy:done"));
  EXPECT_EQ(brief(seen.front()), "destroy:starting");
  const auto nothing = co_await events->next();
  EXPECT_FALSE(nothing);
  co_await api.platform->until([&] { return api.events->listeners() == 0; });
}

API_TEST(Events, ListenerIsForgottenAsSoonAsItsClientHangsUp) {
  const std::string ann = co_await api.user("ann");
  co_await api.post(ann, "/v1/apps/", R"({"id":"shop"})");
  auto events = co_await SseReader::open(api, ann, "shop");
  co_await api.platform->until([&] { return api.events->listeners() == 1; });
  events.reset();
  co_await api.platform->until([&] { return api.events->listeners() == 0; });
}

API_TEST(Events, DoNotDelayTheEndOfTheController) {
  const std::string ann = co_await api.user("ann");
  co_await api.post(ann, "/v1/apps/", R"({"id":"shop"})");
  const auto healthy = co_await SseReader::open(api, ann, "shop");
  const auto stuck = co_await SseReader::open(api, ann, "shop");  // never read from
  const std::string data = R"({"padding":")" + std::string(60'000, 'x') + R"("})";
  for (int i = 0; i < 300; ++i) {
    api.events->publish(AppId::parse("shop"), "phase-like", data);
    co_await healthy->next();
  }
  const auto begin = std::chrono::steady_clock::now();
  co_await api.stop_server();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(3));
}

API_TEST(Events, AreForMembersOnlyAndAcceptIsMinded) {
  const std::string ann = co_await api.user("ann"), bob = co_await api.user("bob");
  co_await api.post(ann, "/v1/apps/", R"({"id":"shop"})");
  const Answer stranger = co_await api.get(bob, "/v1/apps/shop/events/");
  EXPECT_EQ(stranger.status, 403);
  const Answer anonymous = co_await api.get("", "/v1/apps/shop/events/");
  EXPECT_EQ(anonymous.status, 401);
  const Answer absent = co_await api.get(ann, "/v1/apps/nothing/events/");
  EXPECT_EQ(absent.status, 404);
  const Answer head = co_await api.call("HEAD", ann, "/v1/apps/shop/events/");
  EXPECT_EQ(head.status, 200);
  net::Request request;
  request.target = "/v1/apps/shop/";
  request.headers.set("Authorization", "token " + ann);
  request.headers.set("Accept", "text/event-stream");
  const Answer no_stream = co_await api.send(std::move(request));
  EXPECT_EQ(no_stream.status, 406);
}

}  // namespace
}  // namespace deis::controller::api
