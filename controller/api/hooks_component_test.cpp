// What the builder asks (contract api.md §9.13).

#include "controller/api/api_fixture.h"

namespace deis::controller::api {
namespace {

constexpr auto kPushedBuild =
    R"({"sha":"abcdef01","fingerprint":"0f:a2","receive_user":"bob","receive_repo":"shop","ssh_connection":"1.2.3.4 5 6.7.8.9 22","ssh_original_command":"git-receive-pack 'shop.git'"})";
constexpr auto kHookBuild =
    R"({"sha":"abcdef01","receive_user":"bob","receive_repo":"shop","image":"shop","procfile":{"web":"serve"},"dockerfile":""})";
constexpr auto kConfig = R"({"receive_user":"bob","receive_repo":"shop"})";
constexpr auto kPublic = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f";

Task<Answer> app_hook(ApiFixture& api, std::string asked) {
  net::Request request;
  request.target = "/v1/hooks/apps/" + asked;
  request.headers.set("X-Deis-Builder-Auth", "builder-secret");
  co_return co_await api.send(std::move(request));
}

API_TEST(Hooks, NeedTheBuildersKey) {
  const std::string ann = co_await api.user("ann");
  for (const std::string name : {"push", "build", "builds", "config", "key"}) {
    const Answer none = co_await api.hook(name, kPushedBuild, "");
    EXPECT_EQ(none.status, 401) << name;
    const Answer wrong = co_await api.hook(name, kPushedBuild, "builder-secreT");
    EXPECT_EQ(wrong.status, 401) << name;
    const Answer user = co_await api.post(ann, "/v1/hooks/" + name, kPushedBuild);
    EXPECT_EQ(user.status, 403) << name;
  }
  api.settings.builder_key.clear();
  const Answer unset = co_await api.hook("push", kPushedBuild, "");
  EXPECT_EQ(unset.status, 401);
}

API_TEST(PushHook, RecordsWhatItIsToldForThoseWhoMayPush) {
  co_await api.user("ann");
  const std::string bob = co_await api.user("bob"), eve = co_await api.user("eve");
  co_await api.post(eve, "/v1/apps/", R"({"id":"shop"})");
  const Answer stranger = co_await api.hook("push", kPushedBuild);
  EXPECT_EQ(stranger.status, 403);
  co_await api.post(eve, "/v1/apps/shop/perms/", R"({"username":"bob"})");
  const Answer pushed = co_await api.hook("push", kPushedBuild);
  EXPECT_EQ(pushed.status, 201) << pushed.body;
  EXPECT_EQ(pushed.text("/ssh_original_command"), "git-receive-pack 'shop.git'");
  EXPECT_EQ(pushed.json().as_object().size(), 11U);
  const Answer unknown = co_await api.hook("push", R"({"receive_user":"bob","receive_repo":"../shop"})");
  EXPECT_EQ(unknown.status, 404);
  const Answer missing = co_await api.hook("push", "{}");
  EXPECT_EQ(missing.status, 400);
  EXPECT_EQ(missing.json().as_object().size(), 2U);
}

API_TEST(BuildHook, DeploysAndAnswersVersionAndDomains) {
  const std::string ann = co_await api.user("ann"), bob = co_await api.user("bob");
  co_await api.post(bob, "/v1/apps/", R"({"id":"shop"})");
  const Answer built = co_await api.hook("build", kHookBuild);
  EXPECT_EQ(built.status, 200) << built.body;
  EXPECT_EQ(built.body, R"({"release":{"version":2},"domains":["shop.deisapp.local"]})");
  const JobSpec* spec = api.engine().spec(api.job("shop_v2.web.1"));
  CO_ASSERT_TRUE(spec);
  EXPECT_EQ(spec->image, "localhost:5000/shop:git-abcdef01");
  EXPECT_EQ(spec->env.at("GIT_SHA"), "abcdef01");
  const Answer builds = co_await api.get(bob, "/v1/apps/shop/builds/");
  EXPECT_EQ(builds.text("/results/0/sha"), "abcdef01");
}

API_TEST(BuildHook, HandsAFailedDeployOnToThePusher) {
  const std::string bob = co_await api.user("bob");
  co_await api.post(bob, "/v1/apps/", R"({"id":"shop"})");
  api.engine().set_failure_rates({.create = 1});
  const Answer failed = co_await api.hook("build", kHookBuild);
  EXPECT_EQ(failed.status, 503) << failed.body;
  const Answer releases = co_await api.get(bob, "/v1/apps/shop/releases/");
  EXPECT_EQ(releases.count(), 1);
}

API_TEST(AppHook, TellsWhichReleaseWasMadeOfACommit) {
  const std::string bob = co_await api.user("bob");
  co_await api.post(bob, "/v1/apps/", R"({"id":"shop"})");
  const Answer none = co_await app_hook(api, "shop?sha=abcdef01");
  EXPECT_EQ(none.body, R"({"app":"shop","release":null})");
  api.engine().set_failure_rates({.create = 1});
  co_await api.hook("build", kHookBuild);
  const Answer failed = co_await app_hook(api, "shop?sha=abcdef01");
  EXPECT_EQ(failed.body, R"({"app":"shop","release":null})");
  api.engine().set_failure_rates({});
  co_await api.hook("build", kHookBuild);
  co_await api.post(bob, "/v1/apps/shop/config/", R"({"values":{"A":"1"}})");
  const Answer made = co_await app_hook(api, "shop?sha=abcdef01");
  EXPECT_EQ(made.body, R"({"app":"shop","release":{"version":3},"domains":["shop.deisapp.local"]})");
  const Answer other = co_await app_hook(api, "shop?sha=abcdef02");
  EXPECT_EQ(other.body, R"({"app":"shop","release":null})");
  const Answer bad = co_await app_hook(api, "shop?sha=HEAD");
  EXPECT_EQ(bad.status, 400);
}

API_TEST(AppHook, SaysNothingOfACommitWhileTheAppChanges) {
  const std::string bob = co_await api.user("bob");
  co_await api.post(bob, "/v1/apps/", R"({"id":"shop"})");
  api.patience.app_lock = std::chrono::milliseconds(20);
  const auto change = api.context().locks.try_lock(AppId::parse("shop"));
  const Answer busy = co_await app_hook(api, "shop?sha=abcdef01");
  EXPECT_EQ(busy.status, 409);
  const Answer there = co_await app_hook(api, "shop");
  EXPECT_EQ(there.body, R"({"app":"shop"})");
}

API_TEST(ConfigHook, AnswersTheAppsConfig) {
  const std::string bob = co_await api.user("bob");
  co_await api.post(bob, "/v1/apps/", R"({"id":"shop"})");
  co_await api.post(bob, "/v1/apps/shop/config/", R"({"values":{"A":"1"},"cpu":{"web":"1"}})");
  const Answer hook = co_await api.hook("config", kConfig);
  EXPECT_EQ(hook.status, 200);
  const Answer config = co_await api.get(bob, "/v1/apps/shop/config/");
  EXPECT_EQ(hook.body, config.body);
}

API_TEST(KeyHook, TellsWhoseKeyItIsWhateverItsComment) {
  const std::string ann = co_await api.user("ann"), bob = co_await api.user("bob");
  const std::string body = std::string(R"({"public":")") + kPublic + R"("})";
  const Answer unknown = co_await api.hook("key", body);
  EXPECT_EQ(unknown.status, 404);
  co_await api.post(
      bob, "/v1/keys/", std::string(R"({"id":"laptop","public":")") + kPublic + R"( bob@laptop"})");
  const Answer found = co_await api.hook("key", body);
  EXPECT_EQ(found.status, 200) << found.body;
  EXPECT_EQ(found.text("/username"), "bob");
  EXPECT_EQ(found.text("/fingerprint"), "0f:a2:0a:d7:38:3e:65:45:08:6b:63:84:1c:ff:dc:ba");
  EXPECT_EQ(found.text("/public"), std::string(kPublic) + " bob@laptop");
}

}  // namespace
}  // namespace deis::controller::api
