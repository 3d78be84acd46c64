#include "controller/scheduler/restart.h"

#include <gtest/gtest.h>

namespace deis::controller {
namespace {

JobName web(int num) {
  return JobName::parse("shop_v2.web." + std::to_string(num));
}
const JobName kWorker = JobName::parse("shop_v2.worker.1");

TEST(RestartWaves, OneIsEnoughWhenOthersStandIn) {
  const std::vector<RestartWave> expected{{.jobs = {web(1)}, .drain = {"shop_v2.web.1"}}};
  EXPECT_EQ(restart_waves({web(1)}, {web(1), web(2)}), expected);
}

TEST(RestartWaves, AreTwoWhenAllThatServeAreReplaced) {
  const std::vector<RestartWave> expected{
      {.jobs = {web(1)}, .drain = {"shop_v2.web.1"}},
      {.jobs = {web(2), web(3)}, .drain = {"shop_v2.web.2", "shop_v2.web.3"}}};
  EXPECT_EQ(restart_waves({web(1), web(2), web(3)}, {web(1), web(2), web(3)}), expected);
}

TEST(RestartWaves, NobodyStandsInForASingleContainer) {
  const std::vector<RestartWave> expected{{.jobs = {web(1)}}};
  EXPECT_EQ(restart_waves({web(1)}, {web(1)}), expected);
}

TEST(RestartWaves, WhatDoesNotServeGoesFirst) {
  const std::vector<RestartWave> expected{
      {.jobs = {kWorker, web(1)}, .drain = {"shop_v2.web.1"}},
      {.jobs = {web(2)}, .drain = {"shop_v2.web.2"}}};
  EXPECT_EQ(restart_waves({web(1), kWorker, web(2)}, {web(1), web(2)}), expected);
}

TEST(RestartWaves, AreNoneForNothing) {
  EXPECT_TRUE(restart_waves({}, {web(1)}).empty());
}

}  // namespace
}  // namespace deis::controller
