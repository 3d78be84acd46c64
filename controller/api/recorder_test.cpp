#include "controller/api/recorder.h"

#include "controller/api/routes.h"
#include "core/json/json.h"

#include <gmock/gmock.h>

namespace deis::controller::api {
namespace {

using testing::HasSubstr;
using testing::Not;

const Route& route_of(std::string_view action) {
  for (const Route& route : all_routes()) {
    if (route.action && action == route.action) return route;
  }
  throw std::logic_error("no such action");
}

std::string detail_of(std::string_view action, std::string_view body, net::PathParameters path = {}) {
  const net::Request request;
  Call call{.request = request, .path = std::move(path), .log = Log::silent()};
  call.body = json::parse(body).as_object();
  return audit_detail(route_of(action), call);
}

TEST(AuditDetail, NamesTheKeysOfAConfigChangeAndNoValue) {
  EXPECT_EQ(
      detail_of("config.change", R"({"values":{"COLOR":"secret","OLD":null},"memory":{"web":"1G"}})"),
      "values(COLOR, -OLD) memory(web)");
  EXPECT_EQ(detail_of("config.change", R"({"values":"{\"COLOR\":\"secret\"}"})"), "values(COLOR)");
  EXPECT_EQ(detail_of("config.change", R"({"values":"no object: secret"})"), "values");
}

TEST(AuditDetail, ShowsNeitherPasswordsNorWhatItDoesNotKnow) {
  EXPECT_EQ(
      detail_of("user.password", R"({"username":"bob","new_password":"s3","password":4711})"),
      "username=bob new_password password");
  EXPECT_EQ(detail_of("app.run", R"({"command":"PASSWORD=s3 ./migrate"})"), "command");
  EXPECT_EQ(detail_of("key.add", R"({"id":"laptop","public":"ssh-rsa AAAA"})"), "id=laptop public");
}

TEST(AuditDetail, ShowsWhatThePathAndHarmlessMembersSay) {
  EXPECT_EQ(detail_of("domain.remove", "{}", {{"app", "shop"}, {"domain", "w.example"}}), "domain=w.example");
  EXPECT_EQ(detail_of("app.scale", R"({"web":3,"worker":"0"})"), "web=3 worker=0");
  EXPECT_EQ(
      detail_of("token.create", R"({"name":"ci","scopes":["read","deploy"]})"), "name=ci scopes=read,deploy");
  EXPECT_EQ(detail_of("release.rollback", R"({"version":4})"), "version=4");
}

TEST(AuditDetail, IsOneBoundedLineWhateverAClientSends) {
  EXPECT_EQ(detail_of("domain.add", R"({"domain":"a\nb"})"), "domain=a b");
  json::object values, body;
  for (int i = 0; i < 10000; ++i) values["KEY_" + std::to_string(i)] = "x";
  body["values"] = values;
  const std::string detail = detail_of("config.change", json::to_text(body));
  EXPECT_LE(detail.size(), 1024u);
  EXPECT_THAT(detail, testing::EndsWith("..."));
}

TEST(Recorded, AreKnownCallersAlwaysAndStrangersWhenTheySucceed) {
  const net::Request request;
  Call stranger{.request = request, .log = Log::silent()};
  EXPECT_FALSE(is_recorded(route_of("user.login"), stranger, 400));
  EXPECT_TRUE(is_recorded(route_of("user.login"), stranger, 200));
  Call known{.request = request, .log = Log::silent()};
  known.caller.emplace(User{.username = UserName::parse("ann")});
  EXPECT_TRUE(is_recorded(route_of("app.destroy"), known, 403));
}

// What a route may do follows from its place in the table; that each has one is checked when it compiles.
TEST(Routes, NameEveryActionAsNounAndVerb) {
  for (const Route& route : all_routes()) {
    if (route.action == kReads) continue;
    EXPECT_THAT(route.action, testing::MatchesRegex("[a-z]+[.][a-z]+")) << route.pattern;
  }
}

TEST(Routes, WithAnAppAreForItsMembers) {
  for (const Route& route : all_routes()) {
    const bool has_app = std::string_view(route.pattern).find("{app}") != std::string_view::npos;
    EXPECT_EQ(has_app, route.who == Who::member || route.who == Who::owner) << route.pattern;
  }
}

}  // namespace
}  // namespace deis::controller::api
