// The audit log: every change and every refusal has its record before its answer, and none has a secret.

#include "controller/api/api_fixture.h"

#include <gmock/gmock.h>

namespace deis::controller::api {
namespace {

constexpr auto kAge = "UPDATE audit SET time = now() - interval '40 days' WHERE id <= 3";
constexpr auto kLock = "LOCK TABLE audit IN ACCESS EXCLUSIVE MODE";

std::vector<std::string> actions(const Answer& list) {
  std::vector<std::string> all;
  const auto body = list.json();
  for (const auto& record : body.at("results").as_array()) {
    const auto& members = record.as_object();
    all.push_back(
        std::string(members.at("user").as_string()) + " " + std::string(members.at("action").as_string()) +
        " " + std::to_string(members.at("status").as_int64()));
  }
  return all;
}

API_TEST(AuditLog, RecordsChangesAndRefusalsNewestFirst) {
  const std::string ann = co_await api.user("ann"), bob = co_await api.user("bob");
  co_await api.post(bob, "/v1/apps/", R"({"id":"shop"})");
  co_await api.post(bob, "/v1/apps/shop/config/", R"({"values":{"PASSWORD":"hunter2"}})");
  co_await api.post(bob, "/v1/apps/shop/config/", R"({"values":{"not a name":"hunter2"}})");
  co_await api.post(bob, "/v1/admin/perms/", R"({"username":"bob"})");
  co_await api.post(bob, "/v1/apps/shop/config/", "{not json");
  co_await api.get(bob, "/v1/apps/shop/config/");
  const Answer all = co_await api.get(ann, "/v1/audit/");
  EXPECT_THAT(
      actions(all),
      testing::ElementsAre(
          "bob config.change 400",
          "bob admin.grant 403",
          "bob config.change 400",
          "bob config.change 201",
          "bob app.create 201",
          "bob user.login 200",
          "bob user.register 201",
          "ann user.login 200",
          "ann user.register 201"));
  EXPECT_EQ(all.body.find("hunter2"), std::string::npos);
  EXPECT_EQ(all.text("/results/3/detail"), "values(PASSWORD)");
  EXPECT_EQ(all.text("/results/3/app"), "shop");
  EXPECT_EQ(all.text("/results/4/app"), "shop");
  EXPECT_EQ(all.text("/results/3/address"), "127.0.0.1");
  EXPECT_THAT(all.text("/results/3/time"), testing::EndsWith("UTC"));
}

API_TEST(AuditLog, OfAnAppIsForItsMembersAndOfThePlatformForAdministrators) {
  const std::string ann = co_await api.user("ann"), bob = co_await api.user("bob"),
                    eve = co_await api.user("eve");
  co_await api.post(bob, "/v1/apps/", R"({"id":"shop"})");
  co_await api.post(bob, "/v1/apps/", R"({"id":"blog"})");
  co_await api.del(eve, "/v1/apps/shop/");
  const Answer own = co_await api.get(bob, "/v1/apps/shop/audit/");
  EXPECT_THAT(actions(own), testing::ElementsAre("eve app.destroy 403", "bob app.create 201"));
  const Answer stranger = co_await api.get(eve, "/v1/apps/shop/audit/");
  EXPECT_EQ(stranger.status, 403);
  const Answer everything = co_await api.get(bob, "/v1/audit/");
  EXPECT_EQ(everything.status, 403);
  const Answer absent = co_await api.get(ann, "/v1/apps/nothing/audit/");
  EXPECT_EQ(absent.status, 404);
}

API_TEST(AuditLog, OfANewAppDoesNotShowWhatHappenedToAnEarlierOneOfItsName) {
  const std::string ann = co_await api.user("ann"), bob = co_await api.user("bob");
  co_await api.post(ann, "/v1/apps/", R"({"id":"shop"})");
  co_await api.del(ann, "/v1/apps/shop/");
  co_await api.post(bob, "/v1/apps/", R"({"id":"shop"})");
  const Answer own = co_await api.get(bob, "/v1/apps/shop/audit/");
  EXPECT_THAT(actions(own), testing::ElementsAre("bob app.create 201"));
  const Answer all = co_await api.get(ann, "/v1/audit/?page_size=3");
  EXPECT_THAT(
      actions(all), testing::ElementsAre("bob app.create 201", "ann app.destroy 204", "ann app.create 201"));
}

API_TEST(AuditLog, TellsTheTokenTheRequestAndTheAddressThatTheRouterSaw) {
  const std::string ann = co_await api.user("ann");
  const Answer made = co_await api.post(ann, "/v1/tokens/", R"({"name":"ci","scopes":["admin"]})");
  net::Request request;
  request.method = "POST";
  request.target = "/v1/apps/";
  request.body = R"({"id":"shop"})";
  request.headers.set("Content-Type", "application/json");
  request.headers.set("Authorization", "token " + made.text("/token"));
  request.headers.set("X-Forwarded-For", "192.0.2.7");
  request.headers.set("X-Request-Id", "abc-1");
  co_await api.send(std::move(request));
  const Answer list = co_await api.get(ann, "/v1/audit/?page_size=1");
  EXPECT_EQ(list.text("/results/0/token"), made.text("/id"));
  EXPECT_EQ(list.text("/results/0/address"), "192.0.2.7");
  EXPECT_EQ(list.text("/results/0/request_id"), "abc-1");
}

API_TEST(AuditLog, NamesThePusherOfABuild) {
  const std::string ann = co_await api.user("ann");
  co_await api.post(ann, "/v1/apps/", R"({"id":"shop"})");
  const Answer pushed = co_await api.hook(
      "build",
      R"({"receive_user":"ann","receive_repo":"shop","image":"shop","sha":"12345678abc","dockerfile":"true","procfile":{"web":"serve"}})");
  EXPECT_EQ(pushed.status, 200) << pushed.body;
  const Answer list = co_await api.get(ann, "/v1/apps/shop/audit/?page_size=1");
  EXPECT_THAT(actions(list), testing::ElementsAre("ann build.push 200"));
  EXPECT_THAT(list.text("/results/0/detail"), testing::HasSubstr("sha=12345678abc"));
}

API_TEST(AuditLog, StrangersWhoFailLeaveNothing) {
  const std::string ann = co_await api.user("ann");
  co_await api.post("", "/v1/auth/login/", R"({"username":"ann","password":"no"})");
  co_await api.post("", "/v1/apps/", R"({"id":"shop"})");
  const Answer list = co_await api.get(ann, "/v1/audit/");
  EXPECT_EQ(list.count(), 2);
}

API_TEST(AuditLog, WithoutItsRecordAChangeIsNotAcknowledged) {
  const std::string ann = co_await api.user("ann");
  auto tx = co_await api.database->begin(in(std::chrono::seconds(30)));
  co_await tx.query(kLock, pg::Params());
  api.patience.audit_record = std::chrono::milliseconds(100);
  const Answer made = co_await api.post(ann, "/v1/apps/", R"({"id":"shop"})");
  EXPECT_EQ(made.status, 503);
  EXPECT_THAT(made.text("/detail"), testing::HasSubstr("audit log"));
  const Answer refused = co_await api.post(ann, "/v1/apps/", R"({"id":"No!"})");
  EXPECT_EQ(refused.status, 400);
}

API_TEST(AuditLog, IsPrunedToTheLimitsOfTheSettings) {
  const std::string ann = co_await api.user("ann");
  for (int i = 0; i < 6; ++i) co_await api.post(ann, "/v1/keys/", "{}");
  auto db = api.database->session(in(std::chrono::seconds(5)));
  co_await db.query(kAge, pg::Params());
  api.settings.audit_days = 30;
  EXPECT_EQ(co_await api.services->audit.prune(), 3);
  api.settings.audit_records = 2;
  EXPECT_EQ(co_await api.services->audit.prune(), 3);
  EXPECT_EQ(co_await api.services->audit.prune(), 0);
  const Answer list = co_await api.get(ann, "/v1/audit/");
  EXPECT_EQ(list.count(), 2);
}

}  // namespace
}  // namespace deis::controller::api
