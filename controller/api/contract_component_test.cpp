// The rules of every request (contract api.md §1) that no single noun owns.

#include "controller/api/api_fixture.h"

#include <gmock/gmock.h>

namespace deis::controller::api {
namespace {

net::Request request(std::string method, std::string target, std::string token = "") {
  net::Request made;
  made.method = std::move(method);
  made.target = std::move(target);
  if (!token.empty()) made.headers.set("Authorization", "token " + token);
  return made;
}

API_TEST(Paths, AreTheSameWithAndWithoutATrailingSlash) {
  const std::string ann = co_await api.user("ann");
  for (const std::string path : {"/v1", "/v1/apps", "/v1/keys", "/v1/certs", "/v1/users", "/healthz"}) {
    for (const std::string end : {"", "/"}) {
      const Answer answer = co_await api.get(ann, path + end);
      EXPECT_EQ(answer.status, 200) << path << end;
    }
  }
}

API_TEST(Paths, ThatNoNameCanHaveAreNotFound) {
  const std::string ann = co_await api.user("ann");
  for (const std::string path :
       {"/v1/keys/%ff",
        "/v1/keys/a%00b",
        "/v1/apps/UPPER",
        "/v1/apps/..%2f..",
        "/v1/certs/%00",
        "/v1/apps/shop/junk"}) {
    const Answer answer = co_await api.get(ann, path);
    EXPECT_EQ(answer.status, 404) << path;
    EXPECT_EQ(answer.body, R"({"detail":"Not found"})");
  }
}

API_TEST(Head, WorksWhereGetDoesAndHasNoBody) {
  const std::string ann = co_await api.user("ann");
  co_await api.post(ann, "/v1/apps/", R"({"id":"shop"})");
  for (const std::string path : {"/v1/apps/", "/v1/apps/shop", "/v1/apps/shop/config"}) {
    const Answer get = co_await api.get(ann, path);
    const Answer head = co_await api.send(request("HEAD", path, ann));
    EXPECT_EQ(head.status, 200) << path;
    EXPECT_EQ(head.body, "");
    EXPECT_EQ(head.headers.get("Content-Length"), std::to_string(get.body.size()));
  }
  const Answer none = co_await api.send(request("HEAD", "/v1/auth/login"));
  EXPECT_EQ(none.status, 405);
}

API_TEST(Options, DescribeTheResourceAndAnswerPreflights) {
  const Answer plain = co_await api.send(request("OPTIONS", "/v1/apps/"));
  EXPECT_EQ(plain.status, 200);
  EXPECT_EQ(plain.headers.get("Allow"), "GET, HEAD, OPTIONS, POST");
  EXPECT_TRUE(plain.json().is_object());
  net::Request preflight = request("OPTIONS", "/v1/apps/");
  preflight.headers.set("Origin", "http://dashboard.example.com");
  preflight.headers.set("Access-Control-Request-Method", "POST");
  const Answer cors = co_await api.send(preflight);
  EXPECT_EQ(cors.status, 200);
  EXPECT_EQ(cors.body, "");
  EXPECT_EQ(cors.headers.get("Access-Control-Allow-Methods"), "GET, POST, PUT, PATCH, DELETE, OPTIONS");
  EXPECT_EQ(
      cors.headers.get("Access-Control-Allow-Headers"), "content-type, accept, origin, Authorization, Host");
  EXPECT_EQ(cors.headers.get("Access-Control-Max-Age"), "86400");
  net::Request simple = request("GET", "/v1/");
  simple.headers.set("Origin", "http://dashboard.example.com");
  const Answer answer = co_await api.send(simple);
  EXPECT_EQ(answer.headers.get("Access-Control-Allow-Origin"), "*");
  EXPECT_THAT(answer.headers.get("Access-Control-Expose-Headers"), testing::HasSubstr("DEIS_API_VERSION"));
}

API_TEST(Refusals, TellTheMethodsOfTheResource) {
  const std::string ann = co_await api.user("ann");
  const Answer anonymous = co_await api.get("", "/v1/apps/");
  EXPECT_EQ(anonymous.headers.get("Allow"), "GET, HEAD, OPTIONS, POST");
  const Answer absent = co_await api.get(ann, "/v1/apps/none/");
  EXPECT_EQ(absent.status, 404);
  EXPECT_EQ(absent.headers.get("Allow"), "DELETE, GET, HEAD, OPTIONS, POST");
}

API_TEST(Refusals, OfTheServerItselfCarryTheVersionsToo) {
  net::Request huge = request("POST", "/v1/apps/");
  huge.headers.set("Content-Type", "application/json");
  huge.body = std::string(9 * 1024 * 1024, ' ');
  const Answer answer = co_await api.send(huge);
  EXPECT_EQ(answer.status, 413);
  EXPECT_EQ(answer.headers.get("DEIS_API_VERSION"), "1.7");
  EXPECT_TRUE(answer.json().is_object()) << answer.body;
}

API_TEST(Bodies, AreJsonFormsOrMultipart) {
  co_await api.user("ann");
  net::Request multipart = request("POST", "/v1/auth/login/");
  multipart.headers.set("Content-Type", "multipart/form-data; boundary=x");
  multipart.body =
      "--x\r\nContent-Disposition: form-data; name=\"username\"\r\n\r\nann\r\n"
      "--x\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\nsecret\r\n--x--\r\n";
  const Answer login = co_await api.send(multipart);
  EXPECT_EQ(login.status, 200) << login.body;
  multipart.body = "nonsense";
  const Answer broken = co_await api.send(multipart);
  EXPECT_EQ(broken.status, 400);
  EXPECT_THAT(broken.text("/detail"), testing::StartsWith("Multipart form parse error - "));
  net::Request text = request("POST", "/v1/auth/login/");
  text.headers.set("Content-Type", "text/plain");
  text.body = "username=ann";
  const Answer unsupported = co_await api.send(text);
  EXPECT_EQ(unsupported.status, 415);
  EXPECT_EQ(unsupported.reason, "UNSUPPORTED MEDIA TYPE");
  text.body.clear();  // nothing is everything
  const Answer empty = co_await api.send(text);
  EXPECT_EQ(empty.body, R"({"password":["This field is required."],"username":["This field is required."]})");
}

API_TEST(Bodies, TellEveryMapOfAConfigThatIsWrong) {
  const std::string ann = co_await api.user("ann");
  co_await api.post(ann, "/v1/apps/", R"({"id":"shop"})");
  const Answer answer = co_await api.post(
      ann,
      "/v1/apps/shop/config/",
      R"({"values":{"A B":"1"},"memory":{"web":"20MK"},"cpu":{"web":[1]},"tags":{"a.b":"c"}})");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.json().as_object().size(), 4U) << answer.body;
  EXPECT_EQ(answer.text("/cpu"), R"(["CPU shares must be an integer"])");
}

API_TEST(Pages, LinkToTheirNeighboursWithFullAddresses) {
  const std::string ann = co_await api.user("ann");
  for (const std::string id : {"a", "b", "c"})
    co_await api.post(ann, "/v1/apps/", R"({"id":")" + id + R"("})");
  net::Request asked = request("GET", "/v1/apps/?x=1%2F2&page_size=1&page=2", ann);
  asked.headers.set("Host", "deis.example.com");
  asked.headers.set("X-Forwarded-Proto", "https");
  const Answer middle = co_await api.send(asked);
  EXPECT_EQ(middle.text("/next"), "https://deis.example.com/v1/apps/?page=3&x=1%2F2&page_size=1");
  EXPECT_EQ(middle.text("/previous"), "https://deis.example.com/v1/apps/?page=1&x=1%2F2&page_size=1");
  const Answer last = co_await api.get(ann, "/v1/apps/?page=last&page_size=2");
  EXPECT_EQ(last.text("/results/0/id"), "c");
  EXPECT_EQ(last.text("/next"), "null");
  for (const std::string bad : {"page=0", "page=-1", "page=x", "page=2", "page=99999999999999999999"}) {
    const Answer answer = co_await api.get(ann, "/v1/apps/?" + bad);
    EXPECT_EQ(answer.status, 404) << bad;
  }
  for (const std::string ignored : {"page_size=0", "page_size=-5", "page_size=x"}) {
    const Answer answer = co_await api.get(ann, "/v1/apps/?" + ignored);
    EXPECT_EQ(answer.count(), 3) << ignored;
    EXPECT_EQ(answer.text("/next"), "null") << ignored;
  }
}

API_TEST(ReservedNames, FollowTheSubdomain) {
  const std::string ann = co_await api.user("ann");
  api.settings.subdomain = "paas";
  const Answer reserved = co_await api.post(ann, "/v1/apps/", R"({"id":"paas"})");
  EXPECT_EQ(reserved.status, 400);
  EXPECT_EQ(reserved.body, R"({"id":["paas is a reserved name."]})");
  const Answer free = co_await api.post(ann, "/v1/apps/", R"({"id":"deis"})");
  EXPECT_EQ(free.status, 201);
  const Answer anonymous =
      co_await api.post("", "/v1/auth/register", R"({"username":"AnonymousUser","password":"x"})");
  EXPECT_EQ(anonymous.status, 400);
  EXPECT_NE(anonymous.text("/username/0"), "");
}

API_TEST(Builds, OfThePlatformsOwnImagesAreForbidden) {
  const std::string ann = co_await api.user("ann");
  co_await api.post(ann, "/v1/apps/", R"({"id":"shop"})");
  for (const std::string body :
       {R"({"image":"deis/controller"})", R"({"image":"localhost:5000/deis/router:v1","sha":"abcdef01"})"}) {
    const Answer answer = co_await api.post(ann, "/v1/apps/shop/builds/", body);
    EXPECT_EQ(answer.status, 403) << answer.body;
  }
  const Answer builds = co_await api.get(ann, "/v1/apps/shop/builds/");
  EXPECT_EQ(builds.count(), 0);
  const Answer malformed = co_await api.get(ann, "/v1/apps/shop/builds/no-uuid");
  EXPECT_EQ(malformed.status, 404);
}

API_TEST(LogLines, ThatAreNoNumberAreAHundred) {
  const std::string ann = co_await api.user("ann");
  co_await api.post(ann, "/v1/apps/", R"({"id":"shop"})");
  co_await api.get(ann, "/v1/apps/shop/logs?log_lines=many");
  EXPECT_THAT(api.logger_requests, testing::ElementsAre("GET /shop?log_lines=100"));
}

}  // namespace
}  // namespace deis::controller::api
