#include "controller/scheduler/reconcile_plan.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace deis::controller {
namespace {

JobSpec spec(const std::string& job) {
  return JobSpec{.name = JobName::parse(job), .image = "localhost:5000/shop:git-1"};
}

WantedApp shop(int release, std::vector<std::string> jobs) {
  WantedApp app{.app = AppId::parse("shop"), .release = release};
  for (const auto& job : jobs) app.jobs.push_back(spec(job));
  return app;
}

// A cluster in which every container runs and is published.
Actual running(std::vector<std::string> jobs, RouteEntry route) {
  Actual actual;
  for (const auto& job : jobs) {
    const auto name = JobName::parse(job);
    actual.jobs.push_back(JobStatus{.name = name, .state = JobState::up, .container_id = job});
    actual.endpoints[name] = PublishedEndpoint{.container = job, .address = job, .state = "up"};
  }
  if (route.release != 0) actual.routes.apps["shop"] = std::move(route);
  return actual;
}

std::vector<std::string> created(const AppPlan& plan) {
  std::vector<std::string> names;
  for (const auto& job : plan.create) names.push_back(job.name.str());
  return names;
}

std::vector<std::string> retired(const AppPlan& plan) {
  std::vector<std::string> names;
  for (const auto& job : plan.retire) names.push_back(job.str());
  return names;
}

using Names = std::vector<std::string>;

TEST(PlanApp, IsEmptyWhenAllIsAsWanted) {
  const auto plan = plan_app(shop(2, {"shop_v2.web.1"}), running({"shop_v2.web.1"}, {.release = 2}));
  EXPECT_TRUE(plan.empty());
  EXPECT_FALSE(plan.waiting);
}

TEST(PlanApp, CreatesEverythingInAnEmptyCluster) {
  const auto plan = plan_app(shop(2, {"shop_v2.web.1", "shop_v2.worker.1"}), {});
  EXPECT_EQ(created(plan), (Names{"shop_v2.web.1", "shop_v2.worker.1"}));
  EXPECT_EQ(plan.route.release, 2);
}

TEST(PlanApp, KeepsTheOldReleaseUntilTheNewOneIsHealthy) {
  auto actual = running({"shop_v2.web.1", "shop_v3.web.1"}, {.release = 2});
  actual.endpoints[JobName::parse("shop_v3.web.1")].state = "starting";
  const auto plan = plan_app(shop(3, {"shop_v3.web.1"}), actual);
  EXPECT_TRUE(plan.empty());
  EXPECT_TRUE(plan.waiting);
}

TEST(PlanApp, MovesTheRouteFirstAndEndsTheOldReleaseThen) {
  auto actual = running({"shop_v2.web.1", "shop_v3.web.1"}, {.release = 2});
  const auto wanted = shop(3, {"shop_v3.web.1"});
  const auto first = plan_app(wanted, actual);
  EXPECT_EQ(first.route.release, 3);
  EXPECT_TRUE(first.retire.empty());
  actual.routes.apps["shop"].release = 3;
  EXPECT_EQ(retired(plan_app(wanted, actual)), Names{"shop_v2.web.1"});
}

TEST(PlanApp, WritesThePolicyThatIsWanted) {
  auto wanted = shop(2, {"shop_v2.web.1"});
  wanted.policy.maintenance = "Soon";
  const auto actual = running({"shop_v2.web.1"}, {.release = 2});
  const auto plan = plan_app(wanted, actual);
  EXPECT_TRUE(plan.change_route);
  EXPECT_EQ(plan.route.policy, wanted.policy);
  EXPECT_EQ(plan.route.release, std::nullopt);
  const auto none = plan_app(wanted, running({"shop_v2.web.1"}, {.release = 2, .policy = wanted.policy}));
  EXPECT_TRUE(none.empty());
}

TEST(PlanApp, WritesThePolicyTogetherWithARouteThatWasLost) {
  auto wanted = shop(2, {"shop_v2.web.1"});
  wanted.policy.allowlist.emplace(1, IpNetwork::parse("10.0.0.0/8"));
  wanted.config_allowlist.assign(1, IpNetwork::parse("11.0.0.0/8"));
  const auto plan = plan_app(wanted, running({"shop_v2.web.1"}, {}));
  EXPECT_EQ(plan.route.release, 2);
  EXPECT_EQ(plan.route.policy, wanted.policy);
  EXPECT_EQ(plan.route.config_allowlist, wanted.config_allowlist);
}

TEST(PlanApp, MovesTheAllowListOfTheConfigOnlyWithTheRelease) {
  auto actual = running({"shop_v2.web.1", "shop_v3.web.1"}, {.release = 2});
  actual.endpoints[JobName::parse("shop_v3.web.1")].state = "starting";
  auto wanted = shop(3, {"shop_v3.web.1"});
  wanted.config_allowlist.assign(1, IpNetwork::parse("10.0.0.0/8"));
  EXPECT_FALSE(plan_app(wanted, actual).change_route);
  actual.endpoints[JobName::parse("shop_v3.web.1")].state = "up";
  EXPECT_EQ(plan_app(wanted, actual).route.config_allowlist, wanted.config_allowlist);
}

TEST(PlanApp, KeepsTheContainersOfTheCanaryAndItsPartOfTheRoute) {
  auto wanted = shop(2, {"shop_v2.web.1"});
  wanted.canary = Canary{.release = 3, .weight = 10};
  wanted.canary_jobs = shop(3, {"shop_v3.web.1"}).jobs;
  const auto missing = plan_app(wanted, running({"shop_v2.web.1"}, {.release = 2}));
  EXPECT_EQ(created(missing), Names{"shop_v3.web.1"});
  EXPECT_EQ(missing.route.canary, wanted.canary);
  EXPECT_TRUE(missing.change_route);
  const RouteEntry entry{.release = 2, .canary = wanted.canary};
  const auto none = plan_app(wanted, running({"shop_v2.web.1", "shop_v3.web.1"}, entry));
  EXPECT_TRUE(none.empty());
  const auto over = plan_app(shop(2, {"shop_v2.web.1"}), running({"shop_v2.web.1", "shop_v3.web.1"}, entry));
  EXPECT_EQ(over.route.canary, Canary());
  EXPECT_EQ(retired(over), Names{"shop_v3.web.1"});
}

TEST(PlanApp, DoesNotWaitWhenNobodyServesAnyway) {
  auto actual = running({"shop_v3.web.1"}, {.release = 2});
  actual.endpoints.clear();
  EXPECT_EQ(plan_app(shop(3, {"shop_v3.web.1"}), actual).route.release, 3);
}

TEST(PlanApp, EndsLeftoversOfAReleaseThatNeverServed) {
  const auto actual = running({"shop_v2.web.1", "shop_v3.web.1"}, {.release = 2});
  EXPECT_EQ(retired(plan_app(shop(2, {"shop_v2.web.1"}), actual)), Names{"shop_v3.web.1"});
}

TEST(PlanApp, LeavesAloneWhatSomebodyHasInHand) {
  auto actual = running({"shop_v2.web.1", "shop_v2.web.2"}, {.release = 2, .draining = {"shop_v2.web.2"}});
  actual.in_hand = {JobName::parse("shop_v2.web.2"), JobName::parse("shop_v2.web.3")};
  EXPECT_TRUE(plan_app(shop(2, {"shop_v2.web.1", "shop_v2.web.3"}), actual).empty());
}

TEST(PlanApp, TakesMarksAwayFromJobsThatAreWantedOrGone) {
  const auto actual =
      running({"shop_v2.web.1"}, {.release = 2, .draining = {"shop_v2.web.1", "shop_v2.web.9"}});
  const auto plan = plan_app(shop(2, {"shop_v2.web.1"}), actual);
  EXPECT_EQ(plan.route.undrain, (std::set<std::string>{"shop_v2.web.1", "shop_v2.web.9"}));
}

TEST(PlanApp, KeepsTheMarkOfAContainerThatIsStillPublished) {
  auto actual = running({"shop_v2.web.1", "shop_v2.web.2"}, {.release = 2, .draining = {"shop_v2.web.2"}});
  actual.jobs.pop_back();  // the engine has forgotten it, its publisher has not
  EXPECT_TRUE(plan_app(shop(2, {"shop_v2.web.1"}), actual).empty());
}

TEST(PlanApp, MakesDomainsEqual) {
  auto actual = running({}, {.release = 2});
  actual.routes.domains = {{"old.example", "shop"}, {"blog.example", "blog"}};
  auto wanted = shop(2, {});
  wanted.domains = {"www.example"};
  const auto plan = plan_app(wanted, actual);
  EXPECT_EQ(plan.add_domains, Names{"www.example"});
  EXPECT_EQ(plan.drop_domains, Names{"old.example"});
}

TEST(PlanApp, LeavesOneOffContainersAlone) {
  EXPECT_TRUE(plan_app(shop(2, {}), running({"shop_v2.run.1"}, {.release = 2})).empty());
}

TEST(Strangers, AreAppsThatPostgresqlDoesNotKnowAndOneOffsThatNobodyWaitsFor) {
  auto actual =
      running({"shop_v2.web.1", "shop_v2.run.1", "shop_v2.run.2", "ghost_v1.web.1"}, {.release = 2});
  actual.in_hand = {JobName::parse("shop_v2.run.2")};
  actual.routes.apps["phantom"] = {.release = 1};
  actual.routes.domains["spectre.example"] = "spectre";
  const auto strangers = find_strangers({shop(2, {"shop_v2.web.1"})}, actual);
  EXPECT_EQ(
      strangers.jobs, (std::set<JobName>{JobName::parse("ghost_v1.web.1"), JobName::parse("shop_v2.run.1")}));
  EXPECT_EQ(strangers.apps, (std::set<std::string>{"phantom", "spectre"}));
}

TEST(Strangers, AreDoomedOnlyWhenSeenTwice) {
  const Strangers once{.jobs = {JobName::parse("ghost_v1.web.1")}, .apps = {"ghost"}};
  EXPECT_TRUE(in_both({}, once).empty());
  EXPECT_TRUE(in_both(once, {}).empty());
  EXPECT_EQ(in_both(once, once), once);
}

// --- properties: a model of what the executor does, with containers that become healthy one look later.

std::string random_job(const std::string& app) {
  return app + "_v" + std::to_string(*rc::gen::inRange(1, 4)) + "." +
         *rc::gen::element<std::string>("web", "worker", "cmd") + "." +
         std::to_string(*rc::gen::inRange(1, 4));
}

std::set<std::string> random_jobs() {
  std::set<std::string> jobs;
  const int count = *rc::gen::inRange(0, 8);
  for (int i = 0; i < count; ++i) jobs.insert(random_job("shop"));
  return jobs;
}

Actual random_actual() {
  const auto jobs = random_jobs();
  Actual actual = running({jobs.begin(), jobs.end()}, {.release = *rc::gen::inRange(0, 4)});
  for (auto& [job, endpoint] : actual.endpoints)
    endpoint.state = *rc::gen::element<std::string>("up", "starting");
  if (actual.routes.apps.contains("shop")) actual.routes.apps["shop"].draining = random_jobs();
  return actual;
}

WantedApp random_wanted() {
  const int release = *rc::gen::inRange(1, 4);
  WantedApp wanted = shop(release, {});
  const int count = *rc::gen::inRange(0, 4);
  for (int num = 1; num <= count; ++num)
    wanted.jobs.push_back(spec("shop_v" + std::to_string(release) + ".web." + std::to_string(num)));
  return wanted;
}

std::set<JobName> serving(const Actual& actual) {
  std::set<JobName> jobs;
  const auto route = actual.routes.apps.find("shop");
  if (route == actual.routes.apps.end()) return jobs;
  for (const auto& [job, endpoint] : actual.endpoints) {
    const bool routed = job.release == route->second.release && !route->second.draining.contains(job.str());
    if (endpoint.is_up() && routed) jobs.insert(job);
  }
  return jobs;
}

void apply(Actual& actual, const AppPlan& plan) {
  for (auto& [job, endpoint] : actual.endpoints) endpoint.state = "up";
  for (const auto& job : plan.create) {
    actual.jobs.push_back(JobStatus{.name = job.name, .state = JobState::up});
    actual.endpoints[job.name] = PublishedEndpoint{.state = "starting"};
  }
  if (plan.change_route) {
    auto& route = actual.routes.apps["shop"];
    if (plan.route.release) route.release = *plan.route.release;
    for (const auto& job : plan.route.undrain) route.draining.erase(job);
  }
  for (const auto& job : plan.retire) {
    std::erase_if(actual.jobs, [&](const JobStatus& status) { return status.name == job; });
    actual.endpoints.erase(job);
    if (actual.routes.apps.contains("shop")) actual.routes.apps["shop"].draining.erase(job.str());
  }
}

RC_GTEST_PROP(PlanApp, LeadsToWhatIsWantedAndThenRests, ()) {
  const auto wanted = random_wanted();
  auto actual = random_actual();
  for (int look = 0; look < 6; ++look) apply(actual, plan_app(wanted, actual));
  const auto rest = plan_app(wanted, actual);
  RC_ASSERT(rest.empty());
  RC_ASSERT(!rest.waiting);
  std::set<JobName> names, jobs;
  for (const auto& job : wanted.jobs) names.insert(job.name);
  for (const auto& status : actual.jobs) jobs.insert(status.name);
  RC_ASSERT(names == jobs);
  RC_ASSERT(actual.routes.apps["shop"].release == wanted.release);
  RC_ASSERT(actual.routes.apps["shop"].draining.empty());
  RC_ASSERT(serving(actual) == names);
}

RC_GTEST_PROP(PlanApp, NeverEndsAContainerThatServesBeforeTheWantedReleaseServes, ()) {
  const auto wanted = random_wanted();
  const auto actual = random_actual();
  const auto plan = plan_app(wanted, actual);
  const auto before = serving(actual);
  for (const auto& job : plan.retire) {
    if (before.contains(job)) RC_ASSERT(job.release == wanted.release);
  }
  const bool leaves = plan.route.release && !before.empty();
  for (const auto& job : wanted.jobs) {
    if (leaves) RC_ASSERT(actual.endpoints.contains(job.name) && actual.endpoints.at(job.name).is_up());
  }
}

}  // namespace
}  // namespace deis::controller
