#include "ctl/service_spec.h"

#include <gmock/gmock.h>

namespace deis::ctl {
namespace {

SpecOptions options(std::string image) {
  SpecOptions options;
  options.image = std::move(image);
  return options;
}

TEST(ServiceSpec, OfAComponentWithDataAndDocker) {
  EXPECT_EQ(
      describe(service_spec(find_component("builder"), options("deis/builder:1"))),
      "service deis-builder\n"
      "image deis/builder:1\n"
      "env DEIS_ETCD=http://127.0.0.1:2379\n"
      "env DEIS_HOST_ID={{.Node.Hostname}}\n"
      "env DEIS_LOG_LEVEL=info\n"
      "env DEIS_ADMIN_PORT=8003\n"
      "mount /var/lib/deis/builder /var/lib/deis/builder\n"
      "mount /var/run/docker.sock /var/run/docker.sock\n"
      "label deis.component=builder\n"
      "network host\n"
      "init true\n"
      "stop grace 30 s\n"
      "restart after 500 ms\n");
}

TEST(ServiceSpec, OfEtcdListensOnTheAddressThatTheOthersAreTold) {
  auto with = options("deis/etcd:1");
  with.etcd = net::Endpoint::tcp("127.0.0.1", 4001);
  const auto spec = service_spec(find_component("etcd"), with);
  EXPECT_THAT(spec.container.arguments, testing::Contains("--listen-client-urls=http://127.0.0.1:4001"));
  EXPECT_THAT(spec.container.arguments, testing::Contains("--listen-peer-urls=http://127.0.0.1:4002"));
  EXPECT_TRUE(spec.container.env.empty());
}

TEST(ServiceSpec, OnlyThoseThatDriveDockerGetItsSocket) {
  std::vector<std::string> with_socket;
  for (const auto& component : all_components()) {
    for (const auto& mount : service_spec(component, options("x")).container.mounts) {
      if (mount.target == "/var/run/docker.sock") with_socket.emplace_back(component.name);
    }
  }
  EXPECT_THAT(with_socket, testing::UnorderedElementsAre("controller", "builder", "publisher", "logspout"));
}

TEST(ServiceSpec, OfTheStoreSeesTheWholeDataRoot) {
  auto with = options("deis/store:1");
  with.data_root = "/srv/deis";
  const auto spec = service_spec(find_component("store"), with);
  ASSERT_EQ(spec.container.mounts.size(), 1u);
  EXPECT_EQ(spec.container.mounts[0].source, "/srv/deis");
  EXPECT_EQ(spec.container.mounts[0].target, "/var/lib/deis");
}

TEST(ServiceSpec, HashFollowsWhatRunsAndNotHowMany) {
  const auto& router = find_component("router");
  auto stopped = options("deis/router:1");
  stopped.replicas = 0;
  const auto hash = [&](const SpecOptions& with) { return service_spec(router, with).labels.at(kSpecLabel); };
  EXPECT_EQ(hash(options("deis/router:1")), hash(stopped));
  EXPECT_NE(hash(options("deis/router:1")), hash(options("deis/router:2")));
}

}  // namespace
}  // namespace deis::ctl
