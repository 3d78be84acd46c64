#include "core/component/app_policy.h"

#include "core/base/error.h"
#include "core/json/json.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace deis::component {
namespace {

using std::chrono::seconds;

AppPolicy read(std::string_view text) {
  return read_policy(json::parse(text).as_object());
}

std::string written(const AppPolicy& policy, std::string_view before = "{}") {
  json::object entry = json::parse(before).as_object();
  write_policy(policy, entry);
  return json::to_text(entry);
}

TEST(HealthCheckOf, IsATcpAcceptWhenNobodyChoseAnything) {
  EXPECT_EQ(health_check_of({}, {}), HealthCheck{});
}

TEST(HealthCheckOf, TakesTheConfigForWhatWasNotChosen) {
  const std::map<std::string, std::string> config{
      {"HEALTHCHECK_URL", "up"}, {"HEALTHCHECK_TIMEOUT", "7"}, {"HEALTHCHECK_INITIAL_DELAY", "9"}};
  const auto check = health_check_of({.delay = 1}, config);
  EXPECT_TRUE(check.is_http);
  EXPECT_EQ(check.path, "/up");
  EXPECT_EQ(check.timeout, seconds(7));
  EXPECT_EQ(check.delay, seconds(1));
  EXPECT_FALSE(health_check_of({.type = "tcp"}, config).is_http);
  EXPECT_EQ(health_check_of({.path = "/own"}, config).path, "/own");
}

TEST(HealthCheckOf, IgnoresConfigThatMakesNoSense) {
  const auto check = health_check_of(
      {}, {{"HEALTHCHECK_URL", ""}, {"HEALTHCHECK_TIMEOUT", "soon"}, {"HEALTHCHECK_INITIAL_DELAY", "-1"}});
  EXPECT_EQ(check, HealthCheck{});
}

TEST(HealthCheckOf, AnIntervalThatWasChosenIsKeptAfterAMissToo) {
  EXPECT_EQ(health_check_of({}, {}).retry, std::chrono::milliseconds(500));
  EXPECT_EQ(health_check_of({.interval = 20}, {}).retry, seconds(20));
}

TEST(HealthCheckOf, AContainerHasToProveItselfBeforeItIsUpAndHasTimeBeforeItIsRestarted) {
  using std::chrono::milliseconds;
  EXPECT_EQ(health_check_of({}, {}).proving_time(), milliseconds(100));
  EXPECT_EQ(health_check_of({.type = "http"}, {}).proving_time(), milliseconds(0));
  EXPECT_EQ(
      health_check_of({.interval = 2, .successes = 3, .settle_ms = 7}, {}).proving_time(),
      milliseconds(4007));
  EXPECT_EQ(health_check_of({}, {}).restart_after(), seconds(9));
}

TEST(HealthCheckPath, FitsIntoARequestLine) {
  EXPECT_TRUE(is_health_check_path("/healthz?deep=1"));
  for (const auto* bad : {"", "healthz", "/a b", "/a\r\nHost: x", "/\x7f", "/ü"})
    EXPECT_FALSE(is_health_check_path(bad));
}

TEST(Policy, IsWrittenShortAndBesideTheMembersOfOthers) {
  EXPECT_EQ(written({}, R"({"release":3,"maintenance":{"message":""}})"), R"({"release":3})");
  AppPolicy policy{.maintenance = "Back at noon", .allowlist = std::vector{IpNetwork::parse("10.0.0.1/8")}};
  policy.healthchecks["web"] = {.type = "http", .path = "/up"};
  EXPECT_EQ(
      written(policy, R"({"release":3})"),
      R"({"release":3,"healthchecks":{"web":{"type":"http","path":"/up"}},)"
      R"("maintenance":{"message":"Back at noon"},"allowlist":["10.0.0.0/8"]})");
}

TEST(Policy, AnEmptyAllowListIsNotAnAbsentOne) {
  EXPECT_EQ(read("{}").allowlist, std::nullopt);
  EXPECT_EQ(read(R"({"allowlist":[]})").allowlist, std::vector<IpNetwork>());
  EXPECT_EQ(written(read(R"({"allowlist":[]})")), R"({"allowlist":[]})");
}

TEST(Policy, RefusesWhatItCannotRead) {
  for (const auto* bad :
       {R"({"allowlist":["10.0.0.0/99"]})",
        R"({"allowlist":"10.0.0.1"})",
        R"({"maintenance":true})",
        R"({"balance":"random"})",
        R"({"drain_timeout":0})",
        R"({"drain_timeout":3601})",
        R"({"healthchecks":[]})"}) {
    EXPECT_THROW(read(bad), Error) << bad;
  }
}

HealthCheckSettings any_settings() {
  HealthCheckSettings settings;
  if (*rc::gen::arbitrary<bool>()) settings.type = *rc::gen::element<std::string>("tcp", "http");
  if (*rc::gen::arbitrary<bool>()) settings.path = "/" + *rc::gen::string<std::string>();
  for (const auto& number : health_check_numbers()) {
    if (*rc::gen::arbitrary<bool>())
      settings.*number.member = *rc::gen::inRange(number.least, number.most + 1);
  }
  return settings;
}

TEST(Policy, ReadsWhatItWrote) {
  EXPECT_TRUE(rc::check("round trip", [] {
    AppPolicy policy;
    for (const auto* type : {"web", "cmd"}) {
      if (*rc::gen::arbitrary<bool>()) policy.healthchecks[type] = any_settings();
    }
    for (auto& [type, settings] : policy.healthchecks) {
      if (settings.path) settings.path = "/" + std::to_string(settings.path->size());
    }
    if (*rc::gen::arbitrary<bool>()) policy.maintenance = std::to_string(*rc::gen::arbitrary<int>());
    if (*rc::gen::arbitrary<bool>()) {
      policy.allowlist.emplace();
      const auto lengths = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 33));
      for (const int length : lengths)
        policy.allowlist->push_back(IpNetwork::parse("10.200.3.4/" + std::to_string(length)));
    }
    if (*rc::gen::arbitrary<bool>())
      policy.balance = *rc::gen::element<std::string>("round-robin", "least-requests");
    if (*rc::gen::arbitrary<bool>()) policy.drain_timeout = *rc::gen::inRange<std::int64_t>(1, 3601);
    RC_ASSERT(read(written(policy)) == policy);
  }));
}

}  // namespace
}  // namespace deis::component
