#include "publisher/probe_state.h"
#include "publisher/target.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace deis::publisher {
namespace {

docker::ContainerDetails web_container() {
  docker::ContainerDetails c;
  c.id = "c1";
  c.labels = {{"deis.role", "app"}, {"deis.job", "shop_v3.web.1"}};
  c.network_addresses = {{"deis-apps", "172.30.0.5"}};
  c.running = true;
  return c;
}

TEST(Target, PortInTheEnvironmentWinsOverExposedPorts) {
  auto c = web_container();
  c.exposed_tcp_ports = {80};
  EXPECT_EQ(target_of(c, "deis-apps")->port, 80);
  c.env = {"PORT=5000", "PORTAL=1"};
  EXPECT_EQ(target_of(c, "deis-apps")->port, 5000);
}

TEST(Target, SaysWhatToDoWhenThePortIsNotClear) {
  auto c = web_container();
  EXPECT_NE(target_of(c, "deis-apps")->problem.find("set PORT"), std::string::npos);
  c.exposed_tcp_ports = {80, 443};
  EXPECT_NE(target_of(c, "deis-apps")->problem.find("several ports"), std::string::npos);
  c.env = {"PORT=abc"};
  EXPECT_NE(target_of(c, "deis-apps")->problem.find("'abc'"), std::string::npos);
}

TEST(Target, OnlyWebAndCmdOfAppsGetTraffic) {
  auto c = web_container();
  c.labels["deis.job"] = "shop_v3.worker.1";
  EXPECT_FALSE(target_of(c, "deis-apps"));
  c.labels["deis.job"] = "shop_v3.cmd.2";
  EXPECT_TRUE(target_of(c, "deis-apps"));
  c.labels["deis.role"] = "run";
  EXPECT_FALSE(target_of(c, "deis-apps"));
}

TEST(Target, ReadsTheHealthCheckOfTheEnvironment) {
  auto c = web_container();
  c.env = {"PORT=5000", "HEALTHCHECK_URL=up", "HEALTHCHECK_TIMEOUT=3", "HEALTHCHECK_INITIAL_DELAY=x"};
  const auto target = target_of(c, "deis-apps");
  EXPECT_EQ(target->http->path, "/up");
  EXPECT_EQ(target->http->timeout, std::chrono::seconds(3));
  EXPECT_EQ(target->initial_delay, std::chrono::seconds(0));
}

TEST(Target, OnlySignalsThatEndAContainerTakeItsTraffic) {
  auto c = web_container();
  const int usual = target_of(c, "deis-apps")->stop_signal;
  EXPECT_TRUE(ends_container("15", usual));
  EXPECT_TRUE(ends_container("9", usual));
  EXPECT_TRUE(ends_container("", usual));
  EXPECT_FALSE(ends_container("1", usual));
  for (const char* said : {"SIGQUIT", "QUIT", "3"}) {
    c.stop_signal = said;
    EXPECT_TRUE(ends_container("3", target_of(c, "deis-apps")->stop_signal)) << said;
  }
}

TEST(Target, IsPublishedUnderItsJob) {
  auto c = web_container();
  c.env = {"PORT=5000"};
  const auto target = target_of(c, "deis-apps");
  EXPECT_EQ(target->key(), "/deis/services/shop/shop_v3.web.1");
  EXPECT_NE(target->value("h1", "up", "").find(R"("state":"up")"), std::string::npos);
}

TEST(ProbeState, OneSuccessIsUpAndThreeMissesInARowAreFailing) {
  ProbeState state;
  state.take("refused");
  EXPECT_EQ(state.health(), Health::starting);
  EXPECT_EQ(state.detail(), "refused");
  state.take("");
  EXPECT_EQ(state.health(), Health::up);
  state.take("a");
  state.take("b");
  EXPECT_EQ(state.health(), Health::up);
  state.take("c");
  EXPECT_EQ(state.health(), Health::failing);
  state.take("");
  EXPECT_EQ(state.health(), Health::up);
}

TEST(ProbeState, NeverGoesBackToStartingAndNeverWaitsLongerThanItsInterval) {
  EXPECT_TRUE(rc::check("any sequence", [](const std::vector<bool>& passes) {
    ProbeState state;
    bool ever_up = false;
    for (const bool pass : passes) {
      const auto wait = state.take(pass ? "" : "no");
      ever_up = ever_up || pass;
      RC_ASSERT(wait > std::chrono::milliseconds(0));
      RC_ASSERT(wait <= std::chrono::seconds(2));
      RC_ASSERT((state.health() == Health::starting) == !ever_up);
      if (pass) RC_ASSERT(state.health() == Health::up);
    }
  }));
}

}  // namespace
}  // namespace deis::publisher
