// API tokens: what they may do, for whom, and until when.

#include "controller/api/api_fixture.h"

#include <gmock/gmock.h>

namespace deis::controller::api {
namespace {

constexpr auto kTokens = "/v1/tokens/";
constexpr auto kExpire = "UPDATE tokens SET expires = now() - interval '1 second'";

Task<std::string> make(ApiFixture& api, std::string user, std::string body) {
  const Answer made = co_await api.post(user, kTokens, body);
  EXPECT_EQ(made.status, 201) << made.body;
  co_return made.text("/token");
}

API_TEST(ApiTokens, AreShownOnceAndListedWithoutTheirSecret) {
  const std::string ann = co_await api.user("ann"), bob = co_await api.user("bob");
  const Answer made =
      co_await api.post(ann, kTokens, R"({"name":"ci","scopes":["deploy"],"expires_in":3600})");
  EXPECT_EQ(made.status, 201) << made.body;
  EXPECT_THAT(made.text("/token"), testing::MatchesRegex("deis_[0-9a-f]{40}"));
  EXPECT_THAT(made.text("/id"), testing::MatchesRegex("[0-9a-f]{8}"));
  EXPECT_THAT(made.text("/expires"), testing::EndsWith("UTC"));
  const Answer list = co_await api.get(ann, kTokens);
  EXPECT_EQ(list.count(), 1);
  EXPECT_EQ(list.text("/results/0/name"), "ci");
  EXPECT_EQ(list.text("/results/0/scopes/0"), "deploy");
  EXPECT_EQ(list.text("/results/0/apps"), "[]");
  EXPECT_EQ(list.text("/results/0/last_used"), "null");
  EXPECT_EQ(list.body.find("deis_"), std::string::npos);
  const Answer foreign = co_await api.get(bob, kTokens);
  EXPECT_EQ(foreign.count(), 0);
}

API_TEST(ApiTokens, AreInTheDatabaseAsAHashOnly) {
  const std::string ann = co_await api.user("ann");
  const std::string token = co_await make(api, ann, R"({"name":"ci","scopes":["read"]})");
  auto db = api.database->session(in(std::chrono::seconds(5)));
  const pg::Result rows = co_await db.query("SELECT t::text FROM tokens t", pg::Params());
  CO_ASSERT_EQ(rows.size(), 1);
  const std::string row = rows[0].get<std::string>(0);
  EXPECT_EQ(row.find(token), std::string::npos);
  EXPECT_EQ(row.find(token.substr(5)), std::string::npos);
}

API_TEST(ApiTokens, ReachAsFarAsTheirScope) {
  const std::string ann = co_await api.user("ann");
  co_await api.deployed_app(ann, "shop");
  const std::string read = co_await make(api, ann, R"({"name":"r","scopes":["read"]})");
  const std::string deploy = co_await make(api, ann, R"({"name":"d","scopes":["deploy"]})");
  const std::string admin = co_await make(api, ann, R"({"name":"a","scopes":["admin"]})");
  struct Case {
    const char* method;
    const char* path;
    const char* body;
    int read, deploy, admin;
  };
  const std::vector<Case> cases = {
      {"GET", "/v1/", "", 200, 200, 200},
      {"GET", "/v1/apps/shop/config/", "", 200, 200, 200},
      {"HEAD", "/v1/apps/shop/", "", 200, 200, 200},
      {"GET", "/v1/users/", "", 200, 200, 200},
      {"POST", "/v1/apps/shop/config/", R"({"values":{"A":"1"}})", 403, 201, 201},
      {"POST", "/v1/apps/shop/scale/", R"({"web":2})", 403, 204, 204},
      {"POST", "/v1/apps/shop/domains/", R"({"domain":"www.example.com"})", 403, 403, 201},
      {"POST", "/v1/keys/", "{}", 403, 403, 400},
      {"POST", "/v1/tokens/", R"({"name":"x","scopes":["read"]})", 403, 403, 403},
      {"POST", "/v1/auth/tokens/", "{}", 403, 403, 403},
      {"POST", "/v1/auth/passwd/", R"({"password":"secret","new_password":"n"})", 403, 403, 403},
      {"DELETE", "/v1/apps/shop/", "", 403, 403, 204},
  };
  for (const Case& c : cases) {
    const Answer as_reader = co_await api.call(c.method, read, c.path, c.body);
    EXPECT_EQ(as_reader.status, c.read) << c.method << c.path << as_reader.body;
    const Answer as_deployer = co_await api.call(c.method, deploy, c.path, c.body);
    EXPECT_EQ(as_deployer.status, c.deploy) << c.method << c.path << as_deployer.body;
    const Answer as_admin = co_await api.call(c.method, admin, c.path, c.body);
    EXPECT_EQ(as_admin.status, c.admin) << c.method << c.path << as_admin.body;
  }
}

API_TEST(ApiTokens, OfSomeAppsReachNoOthers) {
  const std::string ann = co_await api.user("ann");
  for (const char* id : {"shop", "blog"})
    co_await api.post(ann, "/v1/apps/", std::string(R"({"id":")") + id + R"("})");
  const std::string shop = co_await make(api, ann, R"({"name":"s","scopes":["admin"],"apps":["shop"]})");
  const Answer own = co_await api.get(shop, "/v1/apps/shop/");
  EXPECT_EQ(own.status, 200);
  for (const char* path :
       {"/v1/apps/blog/", "/v1/apps/nothing/", "/v1/keys/", "/v1/users/", "/v1/tokens/", "/v1/audit/"}) {
    const Answer other = co_await api.get(shop, path);
    EXPECT_EQ(other.status, 403) << path;
  }
  const Answer list = co_await api.get(shop, "/v1/apps/");
  EXPECT_EQ(list.count(), 1);
  EXPECT_EQ(list.text("/results/0/id"), "shop");
  const Answer root = co_await api.get(shop, "/v1/");
  EXPECT_EQ(root.status, 200);
  const Answer create = co_await api.post(shop, "/v1/apps/", R"({"id":"third"})");
  EXPECT_EQ(create.status, 403);
}

API_TEST(ApiTokens, NeverReachFurtherThanTheirUser) {
  const std::string ann = co_await api.user("ann"), bob = co_await api.user("bob");
  co_await api.post(ann, "/v1/apps/", R"({"id":"shop"})");
  const Answer foreign =
      co_await api.post(bob, kTokens, R"({"name":"s","scopes":["read"],"apps":["shop","nothing"]})");
  EXPECT_EQ(foreign.status, 400);
  EXPECT_EQ(
      foreign.body,
      R"({"apps":["There is no app 'shop' that you may use.","There is no app 'nothing' that you may use."]})");
  const std::string token = co_await make(api, bob, R"({"name":"a","scopes":["admin"]})");
  const Answer app = co_await api.get(token, "/v1/apps/shop/");
  EXPECT_EQ(app.status, 403);
  const Answer users = co_await api.get(token, "/v1/users/");
  EXPECT_EQ(users.status, 403);
}

API_TEST(ApiTokens, EndWhenTheyExpireAreRevokedOrTheirUserGoes) {
  const std::string ann = co_await api.user("ann"), bob = co_await api.user("bob");
  const Answer made = co_await api.post(bob, kTokens, R"({"name":"one","scopes":["read"],"expires_in":60})");
  const std::string one = made.text("/token"),
                    two = co_await make(api, bob, R"({"name":"two","scopes":["read"]})");
  const Answer foreign = co_await api.del(ann, kTokens + made.text("/id") + "/");
  EXPECT_EQ(foreign.status, 404);
  auto db = api.database->session(in(std::chrono::seconds(5)));
  co_await db.query(kExpire, pg::Params());
  const Answer late = co_await api.get(one, "/v1/");
  EXPECT_EQ(late.status, 401);
  EXPECT_EQ(late.body, R"({"detail":"This token has expired"})");
  const Answer revoked = co_await api.del(bob, kTokens + made.text("/id") + "/");
  EXPECT_EQ(revoked.status, 204);
  const Answer unknown = co_await api.get(one, "/v1/");
  EXPECT_EQ(unknown.body, R"({"detail":"Invalid token"})");
  co_await api.del(ann, "/v1/auth/cancel/", R"({"username":"bob"})");
  const Answer orphan = co_await api.get(two, "/v1/");
  EXPECT_EQ(orphan.status, 401);
}

API_TEST(ApiTokens, RememberThatTheyWereUsed) {
  const std::string ann = co_await api.user("ann");
  const std::string token = co_await make(api, ann, R"({"name":"ci","scopes":["read"]})");
  co_await api.get(token, "/v1/");
  const Answer list = co_await api.get(token, kTokens);
  EXPECT_THAT(list.text("/results/0/last_used"), testing::EndsWith("UTC"));
}

API_TEST(ApiTokens, SurviveTheReplacementOfTheSessionToken) {
  const std::string ann = co_await api.user("ann");
  const std::string token = co_await make(api, ann, R"({"name":"ci","scopes":["read"]})");
  co_await api.post(ann, "/v1/auth/tokens/");
  const Answer still = co_await api.get(token, "/v1/");
  EXPECT_EQ(still.status, 200);
}

API_TEST(ApiTokens, AreRefusedWithTheFieldsThatAreWrong) {
  const std::string ann = co_await api.user("ann");
  co_await make(api, ann, R"({"name":"ci","scopes":["read"]})");
  struct Case {
    const char* body;
    const char* answer;
  };
  const std::vector<Case> cases = {
      {"{}", R"({"name":["This field is required."],"scopes":["This field is required."]})"},
      {R"({"name":"x","scopes":[]})",
       R"({"scopes":["At least one scope is required: read, deploy or admin."]})"},
      {R"({"name":"x","scopes":["root"]})", R"({"scopes":["A scope is one of read, deploy and admin."]})"},
      {R"({"name":"x","scopes":["read"],"expires_in":0})",
       R"({"expires_in":["A number of seconds from 1 to 315360000 is required."]})"},
      {R"({"name":"x","scopes":["read"],"apps":["No!"]})", R"({"apps":["Names of apps are expected."]})"},
      {R"({"name":"ci","scopes":["read"]})", R"({"name":["This field must be unique."]})"},
  };
  for (const Case& c : cases) {
    const Answer answer = co_await api.post(ann, kTokens, c.body);
    EXPECT_EQ(answer.status, 400) << c.body;
    EXPECT_EQ(answer.body, c.answer);
  }
}

API_TEST(ApiTokens, OfAnAdministratorWithoutTheScopeDoNotOpenAClosedRegistration) {
  const std::string ann = co_await api.user("ann");
  const std::string reader = co_await make(api, ann, R"({"name":"r","scopes":["read"]})");
  const std::string admin = co_await make(api, ann, R"({"name":"a","scopes":["admin"]})");
  api.settings.registration_mode = RegistrationMode::admin_only;
  const Answer refused =
      co_await api.post(reader, "/v1/auth/register/", R"({"username":"eve","password":"p"})");
  EXPECT_EQ(refused.status, 403);
  const Answer made = co_await api.post(admin, "/v1/auth/register/", R"({"username":"eve","password":"p"})");
  EXPECT_EQ(made.status, 201);
}

}  // namespace
}  // namespace deis::controller::api
