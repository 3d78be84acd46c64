// What goes beyond the contract's lists: processes with host and restarts, the config of earlier releases.

#include "controller/api/api_fixture.h"

namespace deis::controller::api {
namespace {

constexpr auto kWebBuild =
    R"({"image":"shop","sha":"abcdef0123","dockerfile":"true","procfile":{"web":"serve"}})";

API_TEST(Processes, AreTheContainersWithHostRestartsAndDetail) {
  const std::string ann = co_await api.user("ann");
  co_await api.post(ann, "/v1/apps/", R"({"id":"shop"})");
  const Answer none = co_await api.get(ann, "/v1/apps/shop/processes/");
  EXPECT_EQ(none.body, R"({"count":0,"next":null,"previous":null,"results":[]})");
  co_await api.post(ann, "/v1/apps/shop/builds/", kWebBuild);
  const Answer processes = co_await api.get(ann, "/v1/apps/shop/processes/");
  EXPECT_EQ(processes.count(), 1);
  EXPECT_EQ(processes.text("/results/0/type"), "web");
  EXPECT_EQ(processes.text("/results/0/state"), "up");
  EXPECT_EQ(processes.text("/results/0/restarts"), "0");
  EXPECT_TRUE(processes.json().at("results").at(0).as_object().contains("host"));
  const Answer containers = co_await api.get(ann, "/v1/apps/shop/containers/");
  EXPECT_EQ(containers.text("/results/0/uuid"), processes.text("/results/0/uuid"));
}

API_TEST(ReleaseConfig, IsTheOneOfThatRelease) {
  const std::string ann = co_await api.user("ann");
  const std::string eve = co_await api.user("eve");
  co_await api.post(ann, "/v1/apps/", R"({"id":"shop"})");
  co_await api.post(ann, "/v1/apps/shop/config/", R"({"values":{"A":"1"}})");
  co_await api.post(ann, "/v1/apps/shop/config/", R"({"values":{"A":"2"}})");
  const Answer first = co_await api.get(ann, "/v1/apps/shop/releases/v2/config/");
  EXPECT_EQ(first.text("/values"), R"({"A":"1"})");
  co_await api.post(ann, "/v1/apps/shop/limits/", R"({"web":{"pids":100}})");
  const Answer limited = co_await api.get(ann, "/v1/apps/shop/releases/v4/config/");
  EXPECT_EQ(limited.text("/pids"), R"({"web":100})");
  const Answer second = co_await api.get(ann, "/v1/apps/shop/releases/v3/config/");
  EXPECT_EQ(second.text("/values"), R"({"A":"2"})");
  for (const char* absent : {"v5", "3", "vx"}) {
    const std::string path = std::string("/v1/apps/shop/releases/") + absent + "/config/";
    const Answer answer = co_await api.get(ann, path);
    EXPECT_EQ(answer.status, 404) << absent;
  }
  const Answer strange = co_await api.get(eve, "/v1/apps/shop/releases/v2/config/");
  EXPECT_EQ(strange.status, 403);
}

}  // namespace
}  // namespace deis::controller::api
