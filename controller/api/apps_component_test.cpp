// Apps, who may use them, their logs, one-off commands and domains (contract api.md §9.3, §9.4, §9.10,
// §9.12).

#include "controller/api/api_fixture.h"

#include <gmock/gmock.h>

namespace deis::controller::api {
namespace {

constexpr auto kDenied = R"({"detail":"You do not have permission to perform this action."})";

API_TEST(App, IsMadeWithTheKeysOfTheContractAndLogsItsFirstRelease) {
  const std::string ann = co_await api.user("ann");
  const Answer made = co_await api.post(ann, "/v1/apps", R"({"cluster":"dev","id":"shop"})");
  EXPECT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(made.reason, "CREATED");
  EXPECT_EQ(made.json().as_object().size(), 7U);
  EXPECT_EQ(made.text("/url"), "shop.deisapp.local");
  EXPECT_EQ(made.text("/structure"), "{}");
  EXPECT_TRUE(made.text("/created").ends_with("UTC"));
  EXPECT_THAT(api.app_lines, testing::ElementsAre("INFO [shop]: ann created initial release"));
  const std::string route = co_await api.platform->route("shop");
  EXPECT_EQ(route, R"({"release":1})");
}

API_TEST(App, WithoutABodyGetsANameOfItsOwn) {
  const std::string ann = co_await api.user("ann");
  const Answer made = co_await api.post(ann, "/v1/apps/");
  EXPECT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(made.text("/id").size(), 15U);
}

API_TEST(App, IsRefusedWithABadTakenOrReservedName) {
  const std::string ann = co_await api.user("ann"), bob = co_await api.user("bob");
  co_await api.post(ann, "/v1/apps/", R"({"id":"shop"})");
  const Answer taken = co_await api.post(bob, "/v1/apps/", R"({"id":"shop"})");
  EXPECT_EQ(taken.status, 400);
  EXPECT_EQ(taken.body, R"({"id":["This field must be unique."]})");
  const Answer upper = co_await api.post(ann, "/v1/apps/", R"({"id":"Shop"})");
  EXPECT_EQ(upper.body, R"({"id":["App IDs can only contain [a-z0-9-]."]})");
  const Answer reserved = co_await api.post(ann, "/v1/apps/", R"({"id":"deis"})");
  EXPECT_EQ(reserved.body, R"({"id":["deis is a reserved name."]})");
}

API_TEST(App, IsSeenByItsOwnerItsCollaboratorsAndAdministrators) {
  const std::string ann = co_await api.user("ann"), bob = co_await api.user("bob"),
                    eve = co_await api.user("eve");
  co_await api.post(bob, "/v1/apps/", R"({"id":"shop"})");
  for (const std::string path :
       {"", "/builds", "/config", "/containers", "/releases", "/logs", "/domains", "/perms"}) {
    const Answer stranger = co_await api.get(eve, "/v1/apps/shop" + path);
    EXPECT_EQ(stranger.status, 403) << path;
    EXPECT_EQ(stranger.body, kDenied);
    const Answer admin = co_await api.get(ann, "/v1/apps/shop" + path);
    EXPECT_LT(admin.status, 300) << path;
  }
  for (const std::string path :
       {"", "/scale", "/run", "/config", "/builds", "/releases/rollback", "/containers/restart"}) {
    const Answer stranger = co_await api.post(eve, "/v1/apps/shop" + path);
    EXPECT_EQ(stranger.status, 403) << path;
  }
  const Answer absent = co_await api.get(bob, "/v1/apps/other");
  EXPECT_EQ(absent.status, 404);
  const Answer patch = co_await api.call("PATCH", bob, "/v1/apps/shop");
  EXPECT_EQ(patch.status, 405);
  const Answer none = co_await api.get(eve, "/v1/apps/");
  EXPECT_EQ(none.count(), 0);
  const Answer granted = co_await api.post(bob, "/v1/apps/shop/perms/", R"({"username":"eve"})");
  EXPECT_EQ(granted.status, 201);
  const Answer one = co_await api.get(eve, "/v1/apps/");
  EXPECT_EQ(one.text("/results/0/id"), "shop");
}

API_TEST(Collaborator, MayDoAllButDeleteAndGrant) {
  const std::string ann = co_await api.user("ann"), bob = co_await api.user("bob"),
                    eve = co_await api.user("eve");
  const std::string joe = co_await api.user("joe");
  co_await api.post(bob, "/v1/apps/", R"({"id":"shop"})");
  co_await api.post(bob, "/v1/apps/shop/perms/", R"({"username":"eve"})");
  co_await api.post(bob, "/v1/apps/shop/perms/", R"({"username":"joe"})");
  const Answer list = co_await api.get(eve, "/v1/apps/shop/perms/");
  EXPECT_EQ(list.body, R"({"users":["eve","joe"]})");
  const Answer config = co_await api.post(eve, "/v1/apps/shop/config/", R"({"values":{"A":"1"}})");
  EXPECT_EQ(config.status, 201);
  const Answer domain = co_await api.post(eve, "/v1/apps/shop/domains/", R"({"domain":"a.example.com"})");
  EXPECT_EQ(domain.status, 201) << domain.body;
  const Answer no_domain = co_await api.del(eve, "/v1/apps/shop/domains/a.example.com");
  EXPECT_EQ(no_domain.status, 403);
  const Answer no_delete = co_await api.del(eve, "/v1/apps/shop/");
  EXPECT_EQ(no_delete.status, 403);
  const Answer no_grant = co_await api.post(eve, "/v1/apps/shop/perms/", R"({"username":"ann"})");
  EXPECT_EQ(no_grant.status, 403);
  const Answer no_transfer = co_await api.post(eve, "/v1/apps/shop/", R"({"owner":"eve"})");
  EXPECT_EQ(no_transfer.status, 403);
  const Answer no_revoke = co_await api.del(eve, "/v1/apps/shop/perms/joe");
  EXPECT_EQ(no_revoke.status, 403);
  const Answer himself = co_await api.del(eve, "/v1/apps/shop/perms/eve");
  EXPECT_EQ(himself.status, 204);
  const Answer owner = co_await api.del(bob, "/v1/apps/shop/perms/joe");
  EXPECT_EQ(owner.status, 204);
  const Answer again = co_await api.del(bob, "/v1/apps/shop/perms/joe");
  EXPECT_EQ(again.status, 403);
}

API_TEST(App, BelongsToSomebodyElseAfterATransfer) {
  const std::string ann = co_await api.user("ann"), bob = co_await api.user("bob"),
                    eve = co_await api.user("eve");
  co_await api.post(bob, "/v1/apps/", R"({"id":"shop"})");
  const Answer unknown = co_await api.post(bob, "/v1/apps/shop/", R"({"owner":"nobody"})");
  EXPECT_EQ(unknown.status, 404);
  const Answer moved = co_await api.post(bob, "/v1/apps/shop/", R"({"owner":"eve"})");
  EXPECT_EQ(moved.status, 200);
  EXPECT_EQ(moved.body, "");
  const Answer before = co_await api.get(bob, "/v1/apps/shop/");
  EXPECT_EQ(before.status, 403);
  const Answer after = co_await api.get(eve, "/v1/apps/shop/");
  EXPECT_EQ(after.text("/owner"), "eve");
}

API_TEST(App, LeavesNothingBehindWhenItIsDestroyed) {
  const std::string ann = co_await api.user("ann");
  co_await api.deployed_app(ann, "shop");
  co_await api.post(ann, "/v1/apps/shop/domains/", R"({"domain":"a.example.com"})");
  EXPECT_FALSE(api.platform->jobs().empty());
  const Answer gone = co_await api.del(ann, "/v1/apps/shop/");
  EXPECT_EQ(gone.status, 204) << gone.body;
  EXPECT_TRUE(api.platform->jobs().empty());
  const std::string route = co_await api.platform->route("shop");
  EXPECT_EQ(route, "");
  const auto domains = co_await api.platform->etcd().list("/deis/domains/", in(std::chrono::seconds(5)));
  EXPECT_TRUE(domains.entries.empty());
  EXPECT_THAT(api.logger_requests, testing::Contains("DELETE /shop"));
  for (const std::string path : {"", "/containers", "/config", "/releases", "/builds"}) {
    const Answer answer = co_await api.get(ann, "/v1/apps/shop" + path);
    EXPECT_EQ(answer.status, 404) << path;
  }
  const Answer again = co_await api.post(ann, "/v1/apps/", R"({"id":"shop"})");
  EXPECT_EQ(again.status, 201);
}

API_TEST(Logs, ArePassedOnByteForByte) {
  const std::string ann = co_await api.user("ann");
  co_await api.post(ann, "/v1/apps/", R"({"id":"shop"})");
  const Answer nothing = co_await api.get(ann, "/v1/apps/shop/logs");
  EXPECT_EQ(nothing.status, 204);
  api.logger_reply = net::Reply::text(200, "one\n\xff two\n");
  const Answer lines = co_await api.get(ann, "/v1/apps/shop/logs?log_lines=7");
  EXPECT_EQ(lines.status, 200);
  EXPECT_EQ(lines.body, "one\n\xff two\n");
  EXPECT_EQ(lines.headers.get("Content-Type"), "text/plain");
  EXPECT_THAT(api.logger_requests, testing::ElementsAre("GET /shop?log_lines=1000", "GET /shop?log_lines=7"));
}

API_TEST(Logs, Are500WithThePlainTextWhenTheLoggerCannotTell) {
  const std::string ann = co_await api.user("ann");
  co_await api.post(ann, "/v1/apps/", R"({"id":"shop"})");
  api.logger_reply = net::Reply::text(418, "no");
  const Answer odd = co_await api.get(ann, "/v1/apps/shop/logs");
  EXPECT_EQ(odd.status, 500);
  EXPECT_EQ(odd.body, "Error accessing logs for shop");
  api.has_logger = false;
  const Answer away = co_await api.get(ann, "/v1/apps/shop/logs");
  EXPECT_EQ(away.status, 500);
  EXPECT_EQ(away.body, "Error accessing logs for shop");
}

API_TEST(Run, NeedsABuildAndACommand) {
  const std::string ann = co_await api.user("ann");
  co_await api.post(ann, "/v1/apps/", R"({"id":"shop"})");
  const Answer no_build = co_await api.post(ann, "/v1/apps/shop/run", R"({"command":"ls"})");
  EXPECT_EQ(no_build.status, 400);
  EXPECT_EQ(no_build.body, R"({"detail":"No build associated with this release to run this command"})");
  const Answer no_command = co_await api.post(ann, "/v1/apps/shop/run");
  EXPECT_EQ(no_command.body, R"({"command":["This field is required."]})");
}

API_TEST(Run, AnswersExitCodeAndOutputAndIsNoPartOfTheFormation) {
  const std::string ann = co_await api.user("ann");
  co_await api.deployed_app(ann, "shop");
  const Answer ran = co_await api.post(ann, "/v1/apps/shop/run", R"({"command":"env"})");
  EXPECT_EQ(ran.status, 200) << ran.body;
  EXPECT_EQ(ran.headers.get("Content-Type"), "text/plain");
  EXPECT_EQ(ran.text("/0"), "0");
  EXPECT_THAT(api.app_lines, testing::Contains("INFO [shop]: ann runs 'env'"));
  const Answer list = co_await api.get(ann, "/v1/apps/shop/containers/");
  EXPECT_EQ(list.count(), 1);
  const Answer app = co_await api.get(ann, "/v1/apps/shop/");
  EXPECT_EQ(app.text("/structure"), R"({"web":1})");
}

API_TEST(Run, Is503WithTheEnginesTextWhenItCannotStart) {
  const std::string ann = co_await api.user("ann");
  co_await api.deployed_app(ann, "shop");
  api.engine().set_failure_rates({.run = 1});
  const Answer answer = co_await api.post(ann, "/v1/apps/shop/run", R"({"command":"ls"})");
  EXPECT_EQ(answer.status, 503);
  EXPECT_NE(answer.text("/detail"), "");
  EXPECT_THAT(
      api.app_lines, testing::Contains(testing::StartsWith("ERROR [shop]: the command could not be run: ")));
  EXPECT_EQ(answer.headers.get("Content-Type"), "application/json");
}

API_TEST(Domains, AreAddedListedAndRemovedByName) {
  const std::string ann = co_await api.user("ann");
  co_await api.post(ann, "/v1/apps/", R"({"id":"shop"})");
  for (const std::string name : {"a.example.com", "B.example.com"}) {
    const Answer added = co_await api.post(ann, "/v1/apps/shop/domains/", R"({"domain":")" + name + R"("})");
    EXPECT_EQ(added.status, 201) << added.body;
    EXPECT_EQ(added.json().as_object().size(), 5U);
  }
  const Answer taken = co_await api.post(ann, "/v1/apps/shop/domains/", R"({"domain":"A.example.com"})");
  EXPECT_EQ(taken.status, 400);
  EXPECT_EQ(taken.body, R"({"domain":["This field must be unique."]})");
  const Answer wildcard = co_await api.post(ann, "/v1/apps/shop/domains/", R"({"domain":"*.example.com"})");
  EXPECT_EQ(wildcard.status, 400);
  const Answer removed = co_await api.del(ann, "/v1/apps/shop/domains/a.example.com");
  EXPECT_EQ(removed.status, 204);
  const Answer again = co_await api.del(ann, "/v1/apps/shop/domains/a.example.com");
  EXPECT_EQ(again.status, 404);
  const Answer list = co_await api.get(ann, "/v1/apps/shop/domains/");
  EXPECT_EQ(list.text("/results/0/domain"), "B.example.com");
  const auto routes = co_await api.platform->etcd().list("/deis/domains/", in(std::chrono::seconds(5)));
  CO_ASSERT_EQ(routes.entries.size(), 1U);
  EXPECT_EQ(routes.entries[0].key, "/deis/domains/b.example.com");
}

}  // namespace
}  // namespace deis::controller::api
