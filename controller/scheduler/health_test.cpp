#include "controller/scheduler/health.h"

#include <gmock/gmock.h>

namespace deis::controller {
namespace {

const JobName kWeb = JobName::parse("shop_v3.web.1");
const JobName kWorker = JobName::parse("shop_v3.worker.1");
const HealthRules kRules{.steady_after = std::chrono::seconds(1), .failures_allowed = 1};

PublishedEndpoint endpoint(std::string state, std::string container = "new") {
  return PublishedEndpoint{
      .container = std::move(container), .address = "172.30.0.5:5000", .state = std::move(state)};
}

JobStatus running(const JobName& job, std::int64_t ms, std::string container = "new") {
  return JobStatus{
      .name = job, .state = JobState::up, .container_id = std::move(container), .running_for_ms = ms};
}

TEST(Judge, WebIsHealthyWhenItsPublisherSaysUp) {
  const auto up = endpoint("up"), starting = endpoint("starting");
  EXPECT_EQ(judge(kWeb, &up, nullptr, {}, kRules), Health::healthy);
  EXPECT_EQ(judge(kWeb, &starting, nullptr, {}, kRules), Health::waiting);
  EXPECT_EQ(judge(kWeb, nullptr, nullptr, {}, kRules), Health::waiting);
}

TEST(Judge, WebThatOnlyRunsIsNotHealthy) {
  const auto status = running(kWeb, 60'000);
  EXPECT_EQ(judge(kWeb, nullptr, &status, {}, kRules), Health::waiting);
}

TEST(Judge, OtherTypesAreHealthyWhenTheyRunForAWhile) {
  const auto young = running(kWorker, 999), steady = running(kWorker, 1000);
  EXPECT_EQ(judge(kWorker, nullptr, &young, {}, kRules), Health::waiting);
  EXPECT_EQ(judge(kWorker, nullptr, &steady, {}, kRules), Health::healthy);
}

TEST(Judge, ContainersThatWereThereBeforeDoNotCount) {
  const Before before{.containers = {"old"}};
  const auto up = endpoint("up", "old");
  const auto steady = running(kWorker, 60'000, "old");
  EXPECT_EQ(judge(kWeb, &up, nullptr, before, kRules), Health::waiting);
  EXPECT_EQ(judge(kWorker, nullptr, &steady, before, kRules), Health::waiting);
}

TEST(Judge, AContainerOfAServiceThatIsGoneDoesNotCount) {
  const Before before{.service = "now"};
  auto late = endpoint("up"), ours = endpoint("up"), failing = endpoint("failing");
  late.service = failing.service = "of the attempt before";
  ours.service = "now";
  EXPECT_EQ(judge(kWeb, &late, nullptr, before, kRules), Health::waiting);
  EXPECT_EQ(judge(kWeb, &failing, nullptr, before, kRules), Health::waiting);
  EXPECT_EQ(judge(kWeb, &ours, nullptr, before, kRules), Health::healthy);
}

TEST(Judge, TheSecondFailureIsOneTooMany) {
  JobStatus status{.name = kWeb, .failures = 1};
  EXPECT_EQ(judge(kWeb, nullptr, &status, {}, kRules), Health::waiting);
  status.failures = 2;
  EXPECT_EQ(judge(kWeb, nullptr, &status, {}, kRules), Health::failed);
  const auto up = endpoint("up");  // between two crashes
  EXPECT_EQ(judge(kWeb, &up, &status, {}, kRules), Health::failed);
  EXPECT_EQ(judge(kWeb, &up, &status, Before{.failures = 2}, kRules), Health::healthy);
}

TEST(Describe, SaysWhatIsKnown) {
  const JobStatus crashed{
      .name = kWeb, .state = JobState::crashed, .detail = "exited with code 1 (out of memory)"};
  auto failing = endpoint("failing");
  failing.detail = "connection refused";
  EXPECT_EQ(
      describe(kWeb, &failing, &crashed),
      "shop_v3.web.1: exited with code 1 (out of memory); last probe: connection refused");
  const auto up = running(kWeb, 5000);
  EXPECT_EQ(describe(kWeb, nullptr, &up), "shop_v3.web.1: it was not published");
  EXPECT_EQ(describe(kWorker, nullptr, nullptr), "shop_v3.worker.1: the engine does not know it");
}

TEST(Judge, WebThatMissedItsStartUpTimeHasFailed) {
  const auto failing = endpoint("failing"), old = endpoint("failing", "old");
  EXPECT_EQ(judge(kWeb, &failing, nullptr, {}, kRules), Health::failed);
  EXPECT_EQ(judge(kWeb, &old, nullptr, Before{.containers = {"old"}}, kRules), Health::waiting);
}

TEST(HealthTime, IsTheStartUpTimeOfTheCheckAfterItsDelay) {
  using std::chrono::milliseconds, std::chrono::seconds;
  const milliseconds settle(100);  // of a port that has opened
  const auto time = [](const JobName& job, const HealthChecks& checks, const std::string& delay) {
    return health_time(job, checks, {{"HEALTHCHECK_INITIAL_DELAY", delay}}, seconds(60));
  };
  EXPECT_EQ(health_time(kWeb, {}, {}, seconds(60)), seconds(60) + settle);
  EXPECT_EQ(time(kWeb, {}, "30"), seconds(90) + settle);
  EXPECT_EQ(time(kWeb, {}, "soon"), seconds(60) + settle);
  EXPECT_EQ(time(kWeb, {}, "99999999999"), seconds(60) + settle);
  EXPECT_EQ(time(kWeb, {{"web", {.delay = 5}}}, "30"), seconds(65) + settle);
  EXPECT_EQ(time(kWeb, {{"web", {.startup_timeout = 5}}}, "0"), seconds(15) + settle);
  EXPECT_EQ(time(kWeb, {{"web", {.startup_timeout = 600}}}, "0"), seconds(610) + settle);
  EXPECT_EQ(time(kWeb, {{"web", {.interval = 10, .successes = 3, .settle_ms = 0}}}, "0"), seconds(80));
  EXPECT_EQ(time(kWorker, {}, "30"), seconds(60));
}

}  // namespace
}  // namespace deis::controller
