// Guessing of passwords (429), and logins against a real LDAP server (contract api.md §6.3).

#include "controller/api/api_fixture.h"
#include "controller/domain/slapd_fixture.h"

#include <boost/asio/this_coro.hpp>
#include <gmock/gmock.h>

namespace deis::controller::api {
namespace {

using test::SlapdFixture;

// From a client with this address, as the router tells it.
Task<Answer> log_in(
    ApiFixture& api, std::string name, std::string password, std::string address = "10.0.0.1") {
  net::Request request;
  request.method = "POST";
  request.target = "/v1/auth/login/";
  request.headers.set("Content-Type", "application/json");
  request.headers.set("X-Forwarded-For", address);
  request.body = R"({"username":")" + name + R"(","password":")" + password + R"("})";
  co_return co_await api.send(std::move(request));
}

API_TEST(LoginLimit, Is429WithATimeAfterTenWrongPasswordsOfAUser) {
  co_await api.user("ann");
  co_await api.user("bob");
  for (int i = 0; i < 10; ++i) {
    const Answer wrong = co_await log_in(api, i % 2 ? "bob" : "Bob", "no", "10.0.0." + std::to_string(i));
    EXPECT_EQ(wrong.status, 400) << wrong.body;
  }
  const Answer refused = co_await log_in(api, "bob", "secret");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.reason, "TOO MANY REQUESTS");
  EXPECT_THAT(refused.text("/detail"), testing::StartsWith("Too many failed login attempts: try again in "));
  const int seconds = std::stoi(refused.headers.get("Retry-After"));
  EXPECT_GE(seconds, 1);
  EXPECT_LE(seconds, 30);
  const Answer other = co_await log_in(api, "ann", "secret");
  EXPECT_EQ(other.status, 200);
}

API_TEST(LoginLimit, LeavesAUserAloneAtHisUsualPlace) {
  co_await api.user("ann");
  const Answer before = co_await log_in(api, "ann", "secret", "10.0.0.1");
  EXPECT_EQ(before.status, 200);
  for (int i = 0; i < 10; ++i) co_await log_in(api, "ann", "no", "6.6.6.6");
  const Answer stranger = co_await log_in(api, "ann", "secret", "6.6.6.7");
  EXPECT_EQ(stranger.status, 429);
  const Answer home = co_await log_in(api, "ann", "secret", "10.0.0.1");
  EXPECT_EQ(home.status, 200);
}

API_TEST(LoginLimit, CountsTheCurrentPasswordOfAChangeToo) {
  co_await api.user("ann");
  const std::string bob = co_await api.user("bob");
  const std::string wrong = R"({"password":"no","new_password":"n"})";
  for (int i = 0; i < 10; ++i) {
    const Answer answer = co_await api.post(bob, "/v1/auth/passwd/", wrong);
    EXPECT_EQ(answer.status, 400);
  }
  const Answer refused = co_await api.post(bob, "/v1/auth/passwd/", wrong);
  EXPECT_EQ(refused.status, 429);
}

Task<std::unique_ptr<SlapdFixture>> start_directory(ApiFixture& api) {
  const Executor executor = co_await asio::this_coro::executor;
  auto slapd = co_await SlapdFixture::start(executor, test::example_ldif());
  api.settings.ldap = slapd->settings();
  co_return slapd;
}

API_TEST(Ldap, LogsItsUsersInAndMakesAccountsThatAreNeverAdministrators) {
  const auto slapd = co_await start_directory(api);
  const Answer login = co_await log_in(api, "ann", "ann-secret");
  EXPECT_EQ(login.status, 200) << login.body;
  const std::string token = login.text("/token");
  EXPECT_EQ(token.size(), 40U);
  const Answer works = co_await api.get(token, "/v1/");
  EXPECT_EQ(works.status, 200);
  const Answer denied = co_await api.get(token, "/v1/users/");
  EXPECT_EQ(denied.status, 403);
  // The first to register is still the administrator.
  const std::string root = co_await api.user("root");
  const Answer users = co_await api.get(root, "/v1/users/");
  EXPECT_EQ(users.text("/results/0/username"), "ann");
  EXPECT_EQ(users.text("/results/0/first_name"), "Ann");
  EXPECT_EQ(users.text("/results/0/last_name"), "Archer");
  EXPECT_EQ(users.text("/results/0/email"), "ann@example.com");
  EXPECT_EQ(users.text("/results/0/is_superuser"), "false");
  EXPECT_EQ(users.text("/results/0/groups"), R"(["ops","staff"])");
  const Answer again = co_await log_in(api, "ANN", "ann-secret");
  EXPECT_EQ(again.text("/token"), token);
  const Answer count = co_await api.get(root, "/v1/users/");
  EXPECT_EQ(count.count(), 2);
}

API_TEST(Ldap, RefusesWrongEmptyAndClevererNamesAndPasswords) {
  const auto slapd = co_await start_directory(api);
  for (const auto& [name, password] : std::vector<std::pair<std::string, std::string>>{
           {"ann", "no"},
           {"nobody", "no"},
           {"*", "ann-secret"},
           {"a*", "ann-secret"},
           {"ann)(uid=*", "ann-secret"}}) {
    const Answer answer = co_await log_in(api, name, password);
    EXPECT_EQ(answer.status, 400) << name;
    EXPECT_EQ(answer.body, R"({"non_field_errors":["Unable to log in with provided credentials."]})");
  }
  const Answer blank = co_await log_in(api, "ann", "");
  EXPECT_EQ(blank.status, 400);
}

API_TEST(Ldap, LeavesLocalAccountsAsTheyAre) {
  const std::string root = co_await api.user("root");
  const auto slapd = co_await start_directory(api);
  const Answer local = co_await log_in(api, "root", "secret");
  EXPECT_EQ(local.text("/token"), root);
  // Who comes from the directory has no password of ours that could be guessed or changed.
  const Answer login = co_await log_in(api, "bob", "bob-secret");
  const Answer change = co_await api.post(
      login.text("/token"), "/v1/auth/passwd/", R"({"password":"bob-secret","new_password":"n"})");
  EXPECT_EQ(change.status, 400);
}

API_TEST(Ldap, SearchesAsAUserOfItsOwnWhenToldTo) {
  const auto slapd = co_await start_directory(api);
  api.settings.ldap.bind_dn = "cn=admin,dc=example,dc=com";
  api.settings.ldap.bind_password = "admin";
  api.settings.ldap.user_attribute = "mail";
  api.settings.ldap.group_base.clear();
  const Answer login = co_await log_in(api, "ann@example.com", "ann-secret");
  EXPECT_EQ(login.status, 200) << login.body;
  api.settings.ldap.bind_password = "wrong";
  const Answer misconfigured = co_await log_in(api, "ann@example.com", "ann-secret");
  EXPECT_EQ(misconfigured.status, 503) << misconfigured.body;
  api.settings.ldap.bind_password = "admin";
  api.settings.ldap.user_attribute = "uid)(objectClass=*";
  const Answer odd = co_await log_in(api, "ann", "ann-secret");
  EXPECT_EQ(odd.status, 503) << odd.body;
}

API_TEST(Ldap, ThatIsAwayDoesNotKeepLocalUsersOut) {
  const std::string root = co_await api.user("root");
  const auto slapd = co_await start_directory(api);
  co_await slapd->stop();
  const Answer local = co_await log_in(api, "root", "secret");
  EXPECT_EQ(local.status, 200) << local.body;
  const Answer theirs = co_await log_in(api, "ann", "ann-secret");
  EXPECT_EQ(theirs.status, 503);
  EXPECT_NE(theirs.headers.get("Retry-After"), "");
}

API_TEST(Ldap, ThatNeverAnswersIsGivenUpInTime) {
  const std::string root = co_await api.user("root");
  const auto slapd = co_await start_directory(api);
  slapd->freeze();
  api.patience.directory = std::chrono::milliseconds(100);
  api.patience.directory_pause = std::chrono::hours(1);
  const Answer first = co_await log_in(api, "root", "secret");
  EXPECT_EQ(first.status, 200) << first.body;
  // And is not asked again for a while, although it would answer now.
  slapd->thaw();
  api.patience.directory = std::chrono::minutes(1);
  const Answer second = co_await log_in(api, "root", "secret");
  EXPECT_EQ(second.status, 200);
  const Answer theirs = co_await log_in(api, "ann", "ann-secret");
  EXPECT_EQ(theirs.status, 503);
}

}  // namespace
}  // namespace deis::controller::api
