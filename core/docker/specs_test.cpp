#include "core/docker/specs.h"

#include "core/json/json.h"

#include <gtest/gtest.h>

namespace deis::docker {
namespace {

ContainerSpec spec() {
  ContainerSpec spec;
  spec.image = "localhost:5000/shop:git-1";
  spec.arguments = {"printf", "%s", "a\"b 'c'"};
  spec.env = {"A=1"};
  spec.capability_drop = {"ALL"};
  spec.capability_add = {"CHOWN"};
  spec.stop_grace = std::chrono::seconds(30);
  spec.pids_limit = 512;
  spec.memory_bytes = 1 << 20;
  spec.network = "deis-apps";
  return spec;
}

TEST(ServiceJson, CarriesIsolationAndNeverAVirtualAddress) {
  ServiceSpec service;
  service.name = "shop_v1_web_1";
  service.container = spec();
  const json::value body = service_json(service);
  const auto& task = body.at("TaskTemplate");
  EXPECT_EQ(task.at("ContainerSpec").at("CapabilityDrop").at(0), "ALL");
  EXPECT_EQ(task.at("ContainerSpec").at("CapabilityAdd").at(0), "CHOWN");
  EXPECT_EQ(task.at("ContainerSpec").at("Init"), true);
  EXPECT_EQ(task.at("ContainerSpec").at("StopGracePeriod"), 30'000'000'000);
  EXPECT_EQ(task.at("ContainerSpec").at("Args").at(2), "a\"b 'c'");
  EXPECT_EQ(task.at("Resources").at("Limits").at("Pids"), 512);
  EXPECT_EQ(task.at("Networks").at(0).at("Target"), "deis-apps");
  EXPECT_EQ(task.at("RestartPolicy").at("Condition"), "any");
  EXPECT_EQ(body.at("EndpointSpec").at("Mode"), "dnsrr");
  EXPECT_EQ(body.at("Mode").at("Replicated").at("Replicas"), 1);
}

TEST(ServiceJson, GlobalServicesHaveNoReplicas) {
  ServiceSpec service;
  service.global = true;
  const json::value body = service_json(service);
  EXPECT_TRUE(body.at("Mode").as_object().contains("Global"));
  EXPECT_FALSE(body.at("Mode").as_object().contains("Replicated"));
}

TEST(ContainerJson, KeepsTheImagesCommandUnlessOneIsGiven) {
  ContainerSpec plain;
  plain.image = "x";
  const json::value body = container_json(plain);
  EXPECT_FALSE(body.as_object().contains("Cmd"));
  EXPECT_FALSE(body.as_object().contains("Entrypoint"));
  EXPECT_EQ(container_json(spec()).at("HostConfig").at("PidsLimit"), 512);
}

}  // namespace
}  // namespace deis::docker
