#include "controller/domain/policy_rules.h"

#include "controller/domain/validation.h"

#include <gmock/gmock.h>
#include <rapidcheck.h>

namespace deis::controller {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;
using testing::UnorderedElementsAre;

FieldMessages problems_of(const std::function<void()>& step) {
  try {
    step();
  } catch (const ValidationError& error) {
    return error.fields();
  }
  return {};
}

std::vector<std::string> shown(const std::vector<IpNetwork>& networks) {
  std::vector<std::string> texts;
  for (const auto& network : networks) texts.push_back(network.str());
  return texts;
}

TEST(HealthCheckRules, MergeWhatIsNamedAndKeepTheRest) {
  const HealthChecks first =
      merge(HealthChecks(), TypePatch{{"web", Patch{{"type", "http"}, {"interval", "5"}}}});
  const HealthChecks second =
      merge(first, TypePatch{{"web", Patch{{"path", "/up"}, {"interval", std::nullopt}}}});
  EXPECT_EQ(second.at("web"), (HealthCheckSettings{.type = "http", .path = "/up"}));
  EXPECT_TRUE(merge(second, TypePatch{{"web", std::nullopt}}).empty());
  EXPECT_TRUE(
      merge(second, TypePatch{{"web", Patch{{"type", std::nullopt}, {"path", std::nullopt}}}}).empty());
  EXPECT_EQ(merge(second, TypePatch()), second);
}

TEST(HealthCheckRules, NameEveryTypeWithSomethingWrong) {
  const auto problems = problems_of([] {
    merge(
        HealthChecks(),
        TypePatch{
            {"web", Patch{{"type", "udp"}, {"interval", "0"}, {"path", "up"}, {"color", "red"}}},
            {"cmd", Patch{{"failures", "many"}}},
            {"worker", Patch{{"type", "tcp"}}}});
  });
  EXPECT_EQ(problems.at("web").size(), 4U);
  EXPECT_THAT(problems.at("cmd"), ElementsAre("failures must be an integer from 1 to 100."));
  EXPECT_THAT(problems.at("worker").front(), HasSubstr("Only web and cmd"));
}

TEST(HealthCheckRules, ShowWhatIsInForce) {
  EXPECT_TRUE(checks_in_force({}, {}).empty());
  EXPECT_EQ(checks_in_force({{"web", {.failures = 5}}}, {}).at("web").failures, 5);
  const auto by_config = checks_in_force({}, {{"HEALTHCHECK_URL", "/up"}});
  EXPECT_EQ(by_config.at("web").path, "/up");
  EXPECT_EQ(by_config.at("cmd").path, "/up");
  EXPECT_TRUE(has_http_check({}, {{"HEALTHCHECK_URL", "/up"}}));
  EXPECT_TRUE(has_http_check({{"web", {.type = "http"}}}, {}));
  EXPECT_FALSE(has_http_check({{"web", {.failures = 5}}}, {}));
}

TEST(MaintenanceRules, KeepTheMessageUntilItIsReplaced) {
  EXPECT_EQ(change_maintenance(std::nullopt, {.enabled = true}), "");
  EXPECT_EQ(change_maintenance("Soon", {.enabled = true}), "Soon");
  EXPECT_EQ(change_maintenance("Soon", {.enabled = true, .message = ""}), "");
  EXPECT_EQ(change_maintenance("Soon", {.enabled = false}), std::nullopt);
  EXPECT_THROW(change_maintenance({}, {.enabled = true, .message = std::string(1001, 'x')}), Error);
  EXPECT_THROW(change_maintenance({}, {.enabled = true, .message = "\x1b[2J"}), Error);
}

TEST(AllowListRules, SortAndNameWhatIsNoAddress) {
  EXPECT_THAT(
      shown(parse_allowlist({"2001:db8::/32", " 10.0.0.9/8 ", "10.0.0.0/8"})),
      ElementsAre("10.0.0.0/8", "2001:db8::/32"));
  const auto problems = problems_of([] { parse_allowlist({"10.0.0.1", "office", "10.0.0.0/40"}); });
  EXPECT_EQ(problems.at("addresses").size(), 2U);
  EXPECT_THROW(parse_allowlist({""}), ValidationError);
}

TEST(Whitelist, MayHaveLabelsEvenBehindIpv6) {
  EXPECT_THAT(
      shown(parse_whitelist("10.0.0.0/8:office, 192.168.1.1:home:old,2001:db8::1:vpn,2001:db8::/32")),
      UnorderedElementsAre("10.0.0.0/8", "192.168.1.1", "2001:db8::1", "2001:db8::/32"));
  EXPECT_TRUE(parse_whitelist(" ").empty());
  for (const auto* bad : {"office", "10.0.0.1,office", "10.0.0.256:x", ",", ":x"})
    EXPECT_THROW(parse_whitelist(bad), Error) << bad;
}

TEST(Whitelist, ThatCannotBeReadLetsNobodyIn) {
  EXPECT_TRUE(config_allowlist({}).empty());
  EXPECT_THAT(shown(config_allowlist({{"DEIS_WHITELIST", "office"}})), ElementsAre("255.255.255.255"));
}

TEST(Whitelist, GivesWayToTheListThatWasChosen) {
  const StringMap config{{"DEIS_WHITELIST", "10.0.0.1"}};
  EXPECT_THAT(shown(allowlist_in_force({}, config)), ElementsAre("10.0.0.1"));
  EXPECT_TRUE(allowlist_in_force({.allowlist = std::vector<IpNetwork>()}, config).empty());
}

TEST(Whitelist, OfTheConfigIsCheckedWhenItIsSet) {
  const auto problems = problems_of([] { merge(Config(), {.values = {{"DEIS_WHITELIST", "office"}}}); });
  EXPECT_THAT(problems.at("values").front(), HasSubstr("office"));
  EXPECT_TRUE(merge(Config(), {.values = {{"DEIS_WHITELIST", std::nullopt}}}).values.empty());
}

TEST(LimitRules, AreAChangeOfTheConfig) {
  const Config base{.memory = {{"web", "1G"}}, .cpu = {{"web", 512}}, .pids = {{"worker", 30}}};
  const auto patch =
      limits_patch({{"web", Patch{{"pids", "200"}, {"cpu", std::nullopt}}}, {"worker", std::nullopt}});
  const Config after = merge(base, patch);
  EXPECT_THAT(after.memory, ElementsAre(Pair("web", "1G")));
  EXPECT_TRUE(after.cpu.empty());
  EXPECT_THAT(after.pids, ElementsAre(Pair("web", 200)));
  const auto limits = limits_of(after);
  EXPECT_EQ(limits.size(), 1U);
  EXPECT_EQ(limits.at("web").pids, 200);
}

TEST(LimitRules, NameWhatIsWrong) {
  EXPECT_TRUE(problems_of([] { limits_patch({{"web", Patch{{"disk", "1G"}}}}); }).contains("web"));
  for (const auto* bad : {"0", "1", "99999", "many", ""}) {
    const auto problems = problems_of([&] { merge(Config(), {.pids = {{"web", bad}}}); });
    EXPECT_TRUE(problems.contains("pids")) << bad;
  }
}

// Whatever is posted in whatever order: what was accepted last for a member is what is set.
TEST(HealthCheckRules, TheLastAcceptedValueOfEachMemberCounts) {
  EXPECT_TRUE(rc::check("sequences of changes", [] {
    HealthChecks checks;
    std::map<std::string, std::optional<std::int64_t>> expected;
    const int steps = *rc::gen::inRange(0, 20);
    for (int i = 0; i < steps; ++i) {
      const auto name = *rc::gen::element<std::string>("interval", "timeout", "failures");
      const auto value = *rc::gen::inRange<std::int64_t>(-5, 400);
      Patch members{{name, value < 0 ? std::nullopt : std::optional(std::to_string(value))}};
      try {
        checks = merge(checks, TypePatch{{"web", members}});
        expected[name] = value < 0 ? std::nullopt : std::optional(value);
      } catch (const ValidationError&) {
      }
    }
    const auto found = checks.find("web");
    const HealthCheckSettings web = found == checks.end() ? HealthCheckSettings() : found->second;
    RC_ASSERT(web.interval == expected["interval"]);
    RC_ASSERT(web.timeout == expected["timeout"]);
    RC_ASSERT(web.failures == expected["failures"]);
    RC_ASSERT(checks.empty() == (web == HealthCheckSettings()));
  }));
}

TEST(RoutingRules, ChangeWhatIsNamedAndTakeBackWhatIsNull) {
  AppPolicy policy{.maintenance = "Soon"};
  policy = apply_routing(policy, Patch{{"balance", "least-requests"}, {"drain_timeout", " 120 "}});
  EXPECT_EQ(policy.balance, "least-requests");
  EXPECT_EQ(policy.drain_timeout, 120);
  policy = apply_routing(policy, Patch{{"balance", std::nullopt}});
  EXPECT_EQ(policy, (AppPolicy{.maintenance = "Soon", .drain_timeout = 120}));
}

TEST(RoutingRules, NameEveryMemberWithSomethingWrong) {
  const auto problems = problems_of([] {
    apply_routing(AppPolicy(), Patch{{"balance", "random"}, {"drain_timeout", "0"}, {"colour", "red"}});
  });
  EXPECT_THAT(
      problems,
      UnorderedElementsAre(
          Pair("balance", ElementsAre(HasSubstr("round-robin or least-requests"))),
          Pair("drain_timeout", ElementsAre(HasSubstr("1 to 3600"))),
          Pair("colour", ElementsAre(HasSubstr("balance and drain_timeout")))));
  for (const char* bad : {"3601", "", "soon", "1.5"})
    EXPECT_THROW(apply_routing(AppPolicy(), Patch{{"drain_timeout", bad}}), ValidationError) << bad;
}

}  // namespace
}  // namespace deis::controller
