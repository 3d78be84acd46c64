// Users, tokens and the rules of every request (contract api.md §9.1, §9.2, §1).

#include "controller/api/api_fixture.h"

#include <gmock/gmock.h>

namespace deis::controller::api {
namespace {

constexpr auto kNotAllowed = R"({"detail":"You do not have permission to perform this action."})";

net::Request request(std::string method, std::string target) {
  net::Request made;
  made.method = std::move(method);
  made.target = std::move(target);
  return made;
}

API_TEST(EveryAnswer, CarriesTheVersionsAndAnUpperCaseReason) {
  const Answer answer = co_await api.get("", "/v1/");
  EXPECT_EQ(answer.status, 401);
  EXPECT_EQ(answer.reason, "UNAUTHORIZED");
  EXPECT_EQ(answer.headers.get("DEIS_API_VERSION"), "1.7");
  EXPECT_EQ(answer.headers.get("DEIS_PLATFORM_VERSION"), "1.13.4");
  EXPECT_EQ(answer.headers.get("WWW-Authenticate"), "Token");
  EXPECT_EQ(answer.headers.get("Content-Type"), "application/json");
  EXPECT_EQ(answer.body, R"({"detail":"Authentication credentials were not provided."})");
}

API_TEST(Requests, PassWithVersionOneOrNoneAndAre405WithAnother) {
  const std::string ann = co_await api.user("ann");
  for (const std::string version : {"1", "1234.5678"}) {
    net::Request asked = request("GET", "/v1/");
    asked.headers.set("Authorization", "token " + ann);
    asked.headers.set("Deis-Version", version);
    const Answer answer = co_await api.send(asked);
    EXPECT_EQ(answer.status, version == "1" ? 200 : 405);
    if (version == "1") continue;
    EXPECT_EQ(
        answer.body,
        R"({"error":"Client and server versions do not match. Client version: 1234.5678 Server version: 1"})");
  }
}

API_TEST(Requests, AreRefusedForUnknownTokensPathsMethodsAndMediaTypes) {
  const std::string ann = co_await api.user("ann");
  const std::string unknown(40, '0');
  const Answer no_token = co_await api.get(unknown, "/v1/");
  EXPECT_EQ(no_token.status, 401);
  EXPECT_EQ(no_token.body, R"({"detail":"Invalid token"})");
  const Answer no_path = co_await api.get(ann, "/v1/nothing/");
  EXPECT_EQ(no_path.status, 404);
  EXPECT_EQ(no_path.body, R"({"detail":"Not found"})");
  const Answer anonymous = co_await api.call("PUT", "", "/v1/apps/");
  EXPECT_EQ(anonymous.status, 401);
  const Answer method = co_await api.call("PUT", ann, "/v1/apps/");
  EXPECT_EQ(method.status, 405);
  EXPECT_EQ(method.body, R"({"detail":"Method 'PUT' not allowed."})");
  EXPECT_EQ(method.headers.get("Allow"), "GET, HEAD, OPTIONS, POST");
  net::Request html = request("GET", "/v1/");
  html.headers.set("Accept", "text/html");
  const Answer accept = co_await api.send(html);
  EXPECT_EQ(accept.status, 406);
  net::Request xml = request("POST", "/v1/auth/login");
  xml.headers.set("Content-Type", "application/xml");
  xml.body = "<a/>";
  const Answer media = co_await api.send(xml);
  EXPECT_EQ(media.status, 415);
  EXPECT_EQ(media.body, R"({"detail":"Unsupported media type 'application/xml' in request."})");
}

API_TEST(Bodies, ThatCannotBeReadAre400WithOneFlatObject) {
  const std::string ann = co_await api.user("ann");
  const std::string deep = std::string(2000, '[') + std::string(2000, ']');
  for (const std::string& body :
       {std::string("{"),
        std::string("{\"id\": \"a\", \"id\": \"b\"}"),
        std::string("{\"id\": \"\xff\"}"),
        deep,
        std::string("[]"),
        std::string("7"),
        std::string(R"({"id": {"a": 1}})"),
        std::string(R"({"id": "a\u0000b"})"),
        std::string(R"({"id": null})"),
        std::string(R"({"id": ""})")}) {
    const Answer answer = co_await api.post(ann, "/v1/apps/", body);
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_TRUE(answer.json().is_object()) << answer.body;
  }
  const Answer list = co_await api.post(ann, "/v1/apps/", "[]");
  EXPECT_EQ(list.body, R"({"non_field_errors":["Invalid data. Expected a dictionary, but got list."]})");
}

API_TEST(Health, AnswersGetAndHeadAnonymouslyEvenWithoutADatabase) {
  api.has_services = false;
  for (const std::string method : {"GET", "HEAD", "PUT", "POST", "PATCH", "DELETE"}) {
    const Answer answer = co_await api.send(request(method, "/healthz"));
    EXPECT_EQ(answer.status, method == "GET" || method == "HEAD" ? 200 : 405) << method;
    EXPECT_EQ(answer.headers.get("DEIS_API_VERSION"), "1.7");
    if (method == "GET") EXPECT_EQ(answer.body, "OK");
  }
  const Answer answer = co_await api.get("", "/v1/");
  EXPECT_EQ(answer.status, 503);
  EXPECT_NE(answer.headers.get("Retry-After"), "");
}

API_TEST(Database, ThatDiesMakesAnswers503AndComesBackByItself) {
  co_await api.use_own_postgres();
  const std::string ann = co_await api.user("ann");
  co_await api.postgres->stop();
  const Answer away = co_await api.get(ann, "/v1/apps/");
  EXPECT_EQ(away.status, 503) << away.body;
  EXPECT_NE(away.headers.get("Retry-After"), "");
  co_await api.postgres->restart();
  const Answer back = co_await api.get(ann, "/v1/apps/");
  EXPECT_EQ(back.status, 200) << back.body;
}

API_TEST(Register, MakesTheFirstUserAdministratorAndIgnoresWhatIsNotItsBusiness) {
  const std::string body =
      R"({"username":"ann","password":"x","email":"ann@example.com","is_superuser":false,"is_staff":true})";
  const Answer first = co_await api.post("", "/v1/auth/register", body);
  EXPECT_EQ(first.status, 201) << first.body;
  std::vector<std::string> keys;
  const auto shown = first.json();
  for (const auto& member : shown.as_object()) keys.emplace_back(member.key());
  EXPECT_THAT(
      keys,
      testing::UnorderedElementsAre(
          "email",
          "username",
          "first_name",
          "last_name",
          "is_superuser",
          "is_staff",
          "groups",
          "user_permissions",
          "last_login",
          "date_joined",
          "is_active"));
  EXPECT_EQ(first.text("/is_superuser"), "true");
  const Answer second =
      co_await api.post("", "/v1/auth/register/", R"({"username":55,"password":"x","is_superuser":true})");
  EXPECT_EQ(second.status, 201) << second.body;
  EXPECT_EQ(second.text("/username"), "55");
  EXPECT_EQ(second.text("/is_superuser"), "false");
  const Answer again = co_await api.post("", "/v1/auth/register/", body);
  EXPECT_EQ(again.status, 400);
  EXPECT_EQ(again.body, R"({"username":["This field must be unique."]})");
}

API_TEST(Register, TellsAllFieldsThatAreWrong) {
  const Answer answer =
      co_await api.post("", "/v1/auth/register/", R"({"username":"a b","email":"nonsense"})");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.json().as_object().size(), 3U) << answer.body;
  EXPECT_EQ(answer.text("/password/0"), "This field is required.");
}

API_TEST(Register, FollowsTheMode) {
  const std::string ann = co_await api.user("ann");
  const std::string body = R"({"username":"bob","password":"x"})";
  api.settings.registration_mode = RegistrationMode::disabled;
  const Answer disabled = co_await api.post(ann, "/v1/auth/register/", body);
  EXPECT_EQ(disabled.status, 403);
  EXPECT_EQ(disabled.body, R"({"detail":"Registration is disabled"})");
  api.settings.registration_mode = RegistrationMode::admin_only;
  const Answer anonymous = co_await api.post("", "/v1/auth/register/", body);
  EXPECT_EQ(anonymous.status, 403);
  EXPECT_EQ(anonymous.body, R"({"detail":"Authentication credentials were not provided."})");
  const Answer admin = co_await api.post(ann, "/v1/auth/register/", body);
  EXPECT_EQ(admin.status, 201);
}

API_TEST(Login, TakesAFormAndAnswers400ToAWrongPassword) {
  const std::string ann = co_await api.user("ann");
  net::Request form = request("POST", "/v1/auth/login/");
  form.headers.set("Content-Type", "application/x-www-form-urlencoded");
  form.body = "username=ann&password=secret";
  const Answer good = co_await api.send(form);
  EXPECT_EQ(good.status, 200) << good.body;
  EXPECT_EQ(good.text("/token"), ann);
  for (const char* body :
       {R"({"username":"ann","password":"no"})", R"({"username":"nobody","password":"no"})"}) {
    const Answer bad = co_await api.post("", "/v1/auth/login/", body);
    EXPECT_EQ(bad.status, 400);
    EXPECT_EQ(bad.body, R"({"non_field_errors":["Unable to log in with provided credentials."]})");
  }
}

API_TEST(Password, IsChangedByItsOwnerAndByAdministrators) {
  const std::string ann = co_await api.user("ann"), bob = co_await api.user("bob"),
                    eve = co_await api.user("eve");
  const Answer wrong = co_await api.post(bob, "/v1/auth/passwd/", R"({"password":"no","new_password":"n"})");
  EXPECT_EQ(wrong.status, 400);
  EXPECT_EQ(wrong.body, R"({"detail":"Current password does not match"})");
  EXPECT_EQ(wrong.headers.get("Content-Type"), "application/json");
  const Answer missing = co_await api.post(bob, "/v1/auth/passwd/", R"({"password":"secret"})");
  EXPECT_EQ(missing.body, R"({"new_password":["This field is required."]})");
  const Answer own = co_await api.post(
      bob, "/v1/auth/passwd/", R"({"username":"bob","password":"secret","new_password":"n"})");
  EXPECT_EQ(own.status, 200);
  EXPECT_EQ(own.body, R"({"status":"password set"})");
  const Answer old = co_await api.post("", "/v1/auth/login/", R"({"username":"bob","password":"secret"})");
  EXPECT_EQ(old.status, 400);
  const Answer third = co_await api.post(eve, "/v1/auth/passwd/", R"({"username":"bob","new_password":"m"})");
  EXPECT_EQ(third.status, 403);
  const Answer admin = co_await api.post(ann, "/v1/auth/passwd/", R"({"username":"bob","new_password":"m"})");
  EXPECT_EQ(admin.status, 200);
  const Answer login = co_await api.post("", "/v1/auth/login/", R"({"username":"bob","password":"m"})");
  EXPECT_EQ(login.status, 200);
}

// Made by the original controller (Django) and with cheaper costs than today's; the password is "secret".
constexpr auto kDjangoHash =
    "UPDATE users SET password_hash = 'pbkdf2_sha256$1000$salt$qN+JnzxPIE2WfgrWPAkph8EAVeuwF7PZ0ordIY1Peq0='";
constexpr auto kHash = "SELECT password_hash FROM users";

API_TEST(Password, ThatWasHashedInAnEarlierWayIsHashedAnewAtLogin) {
  const std::string ann = co_await api.user("ann");
  auto db = api.database->session(in(std::chrono::seconds(5)));
  co_await db.query(kDjangoHash, pg::Params());
  const Answer wrong = co_await api.post("", "/v1/auth/login/", R"({"username":"ann","password":"no"})");
  EXPECT_EQ(wrong.status, 400);
  const pg::Result kept = co_await db.query(kHash, pg::Params());
  EXPECT_TRUE(kept[0].get<std::string>(0).starts_with("pbkdf2_sha256$"));
  const Answer login = co_await api.post("", "/v1/auth/login/", R"({"username":"ann","password":"secret"})");
  EXPECT_EQ(login.status, 200);
  const pg::Result made = co_await db.query(kHash, pg::Params());
  EXPECT_TRUE(made[0].get<std::string>(0).starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
  const Answer again = co_await api.post("", "/v1/auth/login/", R"({"username":"ann","password":"secret"})");
  EXPECT_EQ(again.status, 200);
  const pg::Result same = co_await db.query(kHash, pg::Params());
  EXPECT_EQ(same[0].get<std::string>(0), made[0].get<std::string>(0));
}

API_TEST(Token, IsReplacedAtOnce) {
  const std::string ann = co_await api.user("ann"), bob = co_await api.user("bob");
  const Answer own = co_await api.post(bob, "/v1/auth/tokens/");
  EXPECT_EQ(own.status, 200);
  EXPECT_NE(own.text("/token"), bob);
  const Answer stale = co_await api.get(bob, "/v1/");
  EXPECT_EQ(stale.body, R"({"detail":"Invalid token"})");
  const Answer denied = co_await api.post(own.text("/token"), "/v1/auth/tokens/", R"({"username":"bob"})");
  EXPECT_EQ(denied.status, 403);
  const Answer all = co_await api.post(ann, "/v1/auth/tokens/", R"({"all":true})");
  EXPECT_EQ(all.status, 200);
  EXPECT_EQ(all.body, R"("")");
  const Answer caller = co_await api.get(ann, "/v1/");
  EXPECT_EQ(caller.status, 401);
}

API_TEST(Account, IsCancelledByItsOwnerOrAnAdministratorUnlessItOwnsApps) {
  const std::string ann = co_await api.user("ann"), bob = co_await api.user("bob"),
                    eve = co_await api.user("eve");
  const Answer foreign = co_await api.del(bob, "/v1/auth/cancel/", R"({"username":"eve"})");
  EXPECT_EQ(foreign.status, 403);
  EXPECT_EQ(foreign.body, kNotAllowed);
  co_await api.post(eve, "/v1/apps/", R"({"id":"shop"})");
  const Answer owner = co_await api.del(ann, "/v1/auth/cancel/", R"({"username":"eve"})");
  EXPECT_EQ(owner.status, 409);
  EXPECT_TRUE(owner.text("/detail").starts_with("eve still has applications assigned.")) << owner.body;
  const Answer own = co_await api.del(bob, "/v1/auth/cancel/");
  EXPECT_EQ(own.status, 204);
  const Answer gone = co_await api.get(bob, "/v1/");
  EXPECT_EQ(gone.status, 401);
  const Answer unknown = co_await api.del(ann, "/v1/auth/cancel/", R"({"username":"bob"})");
  EXPECT_EQ(unknown.status, 404);
}

API_TEST(Users, AreListedForAdministratorsOnlyInPages) {
  const std::string ann = co_await api.user("ann"), bob = co_await api.user("bob");
  const Answer denied = co_await api.get(bob, "/v1/users/");
  EXPECT_EQ(denied.status, 403);
  const Answer first = co_await api.get(ann, "/v1/users/?page_size=1");
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(first.count(), 2);
  EXPECT_EQ(first.text("/results/0/username"), "ann");
  EXPECT_EQ(first.text("/previous"), "null");
  EXPECT_TRUE(first.text("/next").ends_with("/v1/users/?page=2&page_size=1")) << first.body;
  const Answer last = co_await api.get(ann, "/v1/users/?page_size=1&page=last");
  EXPECT_EQ(last.text("/results/0/username"), "bob");
  const Answer beyond = co_await api.get(ann, "/v1/users/?page_size=1&page=3");
  EXPECT_EQ(beyond.status, 404);
  const Answer nonsense = co_await api.get(ann, "/v1/users/?page_size=0");
  EXPECT_EQ(nonsense.text("/results/1/username"), "bob");
}

API_TEST(Administrators, AreGrantedAndRevokedByAdministrators) {
  const std::string ann = co_await api.user("ann"), bob = co_await api.user("bob");
  const Answer one = co_await api.get(ann, "/v1/admin/perms/");
  EXPECT_EQ(one.count(), 1);
  const Answer denied = co_await api.post(bob, "/v1/admin/perms/", R"({"username":"bob"})");
  EXPECT_EQ(denied.status, 403);
  EXPECT_EQ(denied.body, kNotAllowed);
  const Answer granted = co_await api.post(ann, "/v1/admin/perms/", R"({"username":"bob"})");
  EXPECT_EQ(granted.status, 201);
  EXPECT_EQ(granted.body, "");
  const Answer two = co_await api.get(bob, "/v1/admin/perms/");
  EXPECT_EQ(two.count(), 2);
  const Answer revoked = co_await api.del(ann, "/v1/admin/perms/bob");
  EXPECT_EQ(revoked.status, 204);
  const Answer unknown = co_await api.post(ann, "/v1/admin/perms/", R"({"username":"nobody"})");
  EXPECT_EQ(unknown.status, 404);
  const Answer missing = co_await api.post(ann, "/v1/admin/perms/");
  EXPECT_EQ(missing.body, R"({"username":["This field is required."]})");
}

constexpr auto kPublic = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f";

std::string key_body(const std::string& id, const std::string& comment) {
  return R"({"id":")" + id + R"(","public":")" + kPublic + " " + comment + R"("})";
}

API_TEST(Keys, AreAddedReadAndDeletedByTheirOwnerAlone) {
  const std::string ann = co_await api.user("ann"), bob = co_await api.user("bob");
  const Answer added = co_await api.post(bob, "/v1/keys/", key_body("bob@home.example", "c"));
  EXPECT_EQ(added.status, 201) << added.body;
  EXPECT_EQ(added.text("/fingerprint"), "0f:a2:0a:d7:38:3e:65:45:08:6b:63:84:1c:ff:dc:ba");
  EXPECT_EQ(added.text("/public"), std::string(kPublic) + " c");
  const Answer read = co_await api.get(bob, "/v1/keys/bob@home.example");
  EXPECT_EQ(read.status, 200);
  EXPECT_EQ(read.body, added.body);
  const Answer admin = co_await api.get(ann, "/v1/keys/bob@home.example");
  EXPECT_EQ(admin.status, 404);
  const Answer removed = co_await api.del(bob, "/v1/keys/bob@home.example");
  EXPECT_EQ(removed.status, 204);
  const Answer list = co_await api.get(bob, "/v1/keys/");
  EXPECT_EQ(list.count(), 0);
}

API_TEST(Keys, AreRefusedWhenBrokenOrThereAlready) {
  const std::string ann = co_await api.user("ann"), bob = co_await api.user("bob");
  const Answer padding = co_await api.post(ann, "/v1/keys/", R"({"id":"a","public":"ssh-rsa foo_bar"})");
  EXPECT_EQ(padding.status, 400);
  EXPECT_EQ(padding.body, R"({"public":["Incorrect padding"]})");
  co_await api.post(ann, "/v1/keys/", key_body("a", "one"));
  const Answer other_id = co_await api.post(ann, "/v1/keys/", key_body("b", "two"));
  EXPECT_EQ(other_id.status, 400);
  EXPECT_EQ(other_id.body, R"({"public":["This field must be unique."]})");
  const Answer other_user = co_await api.post(bob, "/v1/keys/", key_body("b", "three"));
  EXPECT_EQ(other_user.status, 400);
}

}  // namespace
}  // namespace deis::controller::api
