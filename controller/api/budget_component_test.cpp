// What an answer may cost: list and get requests make few queries, and nobody waits for a roll-out of another
// app.

#include "controller/api/api_fixture.h"
#include "controller/api/routes.h"

#include <fmt/format.h>

#include <map>

namespace deis::controller::api {
namespace {

constexpr std::uint64_t kMostQueries = 4;

// What stands for the {parameters} of a path. A new kind of parameter needs an entry.
const std::map<std::string, std::string> kExamples = {
    {"app", "shop"},
    {"id", "shop"},
    {"id...", "laptop"},
    {"version", "v2"},
    {"type", "web"},
    {"num", "1"},
    {"domain", "www.example.com"},
    {"username", "ann"},
    {"name", "www.example.com"},
    {"session", "0123456789abcdef"},
};

std::string path_of(std::string pattern, const std::string& build) {
  for (;;) {
    const auto open = pattern.find('{'), close = pattern.find('}');
    if (open == std::string::npos) return pattern;
    const std::string name = pattern.substr(open + 1, close - open - 1);
    const auto example = kExamples.find(name);
    if (name != "uuid" && example == kExamples.end()) ADD_FAILURE() << "no example for {" << name << "}";
    pattern.replace(
        open,
        close - open + 1,
        name == "uuid"               ? build
        : example == kExamples.end() ? "x"
                                     : example->second);
  }
}

// The status only: some answers do not end by themselves.
Task<int> status_of(ApiFixture& api, std::string token, std::string path) {
  net::HttpClient client(co_await asio::this_coro::executor, api.endpoint());
  net::Request request;
  request.target = std::move(path);
  request.headers.set("Authorization", "token " + token);
  request.headers.set("X-Deis-Builder-Auth", "builder-secret");
  const auto answer = co_await client.open(std::move(request), in(std::chrono::seconds(10)));
  co_return answer->head().status;
}

Task<> fill(ApiFixture& api, std::string token) {
  co_await api.deployed_app(token, "shop");
  co_await api.post(token, "/v1/apps/shop/domains/", R"({"domain":"www.example.com"})");
  co_await api.post(
      token,
      "/v1/keys/",
      R"({"id":"laptop","public":"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIF2oVrfh+DVsqBHkxJKWOtHUoFJUOGZYbYEELYUFOmkK a"})");
}

API_TEST(Budget, NoGetRequestMakesMoreThanFourQueries) {
  const std::string admin = co_await api.user("ann"), bob = co_await api.user("bob");
  co_await fill(api, bob);
  const Answer builds = co_await api.get(bob, "/v1/apps/shop/builds/");
  const std::string build = builds.text("/results/0/uuid");
  int routes = 0;
  for (const Route& route : all_routes()) {
    if (std::string_view(route.method) != "GET") continue;
    ++routes;
    const std::string path = path_of(route.pattern, build);
    for (const std::string& token : {admin, bob}) {
      const auto before = api.database->statements();
      const int status = co_await status_of(api, token, path);
      const auto queries = api.database->statements() - before;
      EXPECT_LE(queries, kMostQueries) << path << " answered " << status;
      EXPECT_LT(status, 500) << path;
    }
  }
  EXPECT_GT(routes, 15);
}

API_TEST(Budget, AListIsOneQueryBehindTheChecks) {
  const std::string ann = co_await api.user("ann");
  co_await fill(api, ann);
  const auto before = api.database->statements();
  co_await api.get(ann, "/v1/apps/shop/releases/");
  EXPECT_EQ(api.database->statements() - before, 3U) << "who asks, which app, the page with its count";
}

Task<> expect_quick(
    ApiFixture& api, std::string token, std::string method, std::string path, std::string body) {
  const auto begin = std::chrono::steady_clock::now();
  const Answer answer = co_await api.call(method, token, path, body);
  EXPECT_LT(answer.status, 300) << path << ": " << answer.body;
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(3)) << path;
}

API_TEST(Budget, ASlowRollOutHoldsUpNoOtherAppAndNoReading) {
  const std::string ann = co_await api.user("ann");
  co_await api.deployed_app(ann, "slow");
  co_await api.deployed_app(ann, "shop");
  const JobName held = api.job("slow_v3.web.1");
  api.platform->publisher->say(held, "starting", "not yet");
  net::TaskGroup group(co_await asio::this_coro::executor);
  int slow_status = 0;
  auto change = [](ApiFixture& fixture, std::string token, int& status) -> Task<> {
    const Answer answer = co_await fixture.post(token, "/v1/apps/slow/config/", R"({"values":{"A":"1"}})");
    status = answer.status;
  };
  group.spawn(change(api, ann, slow_status));
  co_await api.platform->until([&] { return api.engine().spec(held) != nullptr; });

  co_await expect_quick(api, ann, "POST", "/v1/apps/shop/config/", R"({"values":{"A":"1"}})");
  co_await expect_quick(api, ann, "POST", "/v1/apps/shop/scale/", R"({"web":3})");
  co_await expect_quick(api, ann, "POST", "/v1/apps/", R"({"id":"fresh"})");
  co_await expect_quick(api, ann, "DELETE", "/v1/apps/shop/", "");
  for (const char* path : {"", "config/", "releases/", "containers/", "domains/", "builds/", "perms/"}) {
    co_await expect_quick(api, ann, "GET", std::string("/v1/apps/slow/") + path, "");
  }
  EXPECT_EQ(slow_status, 0) << "the slow one is still under way";

  api.platform->publisher->say(held, "up", "");
  co_await group.join();
  EXPECT_EQ(slow_status, 201);
}

}  // namespace
}  // namespace deis::controller::api
