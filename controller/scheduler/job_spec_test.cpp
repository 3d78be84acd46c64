#include "controller/scheduler/job_spec.h"

#include <gtest/gtest.h>

#include <set>

namespace deis::controller {
namespace {

JobSpec shop() {
  JobSpec job{.name = JobName::parse("shop_v3.web.2"), .image = "localhost:5000/shop:git-1234abcd"};
  job.arguments = {"start", "web"};
  job.env = {{"PORT", "5000"}, {"DEIS_APP", "shop"}};
  job.memory_bytes = 64 << 20;
  job.tags = {{"disk", "ssd"}};
  return job;
}

TEST(ServiceName, IsReadable) {
  EXPECT_EQ(service_name(JobName::parse("shop_v3.web.2")), "shop_v3_web_2");
}

TEST(ServiceName, IsAHashWhenSwarmWouldNotTakeIt) {
  const auto dotted = service_name(JobName::parse("shop_v3.web.worker.2"));
  EXPECT_EQ(dotted.substr(0, 4), "app-");
  EXPECT_EQ(dotted.substr(20), "_v3_2");
  EXPECT_LE(service_name(JobName::parse(std::string(64, 'a') + "_v3.web.2")).size(), 63u);
  EXPECT_EQ(service_name(JobName::parse("-shop_v3.web.2")).substr(0, 4), "app-");
}

TEST(ServiceName, DiffersForDifferentJobs) {
  // Both would be shop_v3_a_b_1 if dots became underscores.
  EXPECT_NE(service_name(JobName::parse("shop_v3.a.b.1")), service_name(JobName::parse("shop_v3.a_b.1")));
}

TEST(ServiceSpec, SaysWhoseContainerItIs) {
  const auto spec = service_spec(shop(), Roles());
  for (const auto& labels : {spec.labels, spec.container.labels}) {
    EXPECT_EQ(labels.at("deis.role"), "app");
    EXPECT_EQ(labels.at("deis.app"), "shop");
    EXPECT_EQ(labels.at("deis.release"), "3");
    EXPECT_EQ(labels.at("deis.type"), "web");
    EXPECT_EQ(labels.at("deis.num"), "2");
    EXPECT_EQ(labels.at("deis.job"), "shop_v3.web.2");
    EXPECT_EQ(job_of(labels), JobName::parse("shop_v3.web.2"));
  }
}

TEST(ServiceSpec, IsolatesTheContainer) {
  const auto container = service_spec(shop(), Roles()).container;
  EXPECT_EQ(container.capability_drop, std::vector<std::string>{"ALL"});
  EXPECT_EQ(container.capability_add.size(), 7u);
  EXPECT_EQ(container.pids_limit, 512);
  EXPECT_EQ(container.memory_bytes, 64 << 20);
  EXPECT_TRUE(container.init);
  EXPECT_TRUE(container.no_new_privileges);
  EXPECT_EQ(container.stop_grace, std::chrono::seconds(30));
  EXPECT_EQ(container.network, "deis-apps");
  EXPECT_TRUE(container.mounts.empty());
}

TEST(ServiceSpec, CarriesWhatRuns) {
  const auto spec = service_spec(shop(), Roles());
  EXPECT_EQ(spec.container.image, "localhost:5000/shop:git-1234abcd");
  EXPECT_EQ(spec.container.arguments, (std::vector<std::string>{"start", "web"}));
  EXPECT_EQ(spec.container.env, (std::vector<std::string>{"DEIS_APP=shop", "PORT=5000"}));
  EXPECT_EQ(spec.constraints, std::vector<std::string>{"node.labels.disk==ssd"});
  EXPECT_EQ(spec.restart_delay, std::chrono::seconds(1));
}

TEST(ServiceSpec, CarriesTheLimitsThatWereChosen) {
  JobSpec job = shop();
  job.pids_limit = 100;
  const auto cpus = [&job](std::int64_t shares) {
    job.cpu_shares = shares;
    return service_spec(job, Roles()).container.nano_cpus;
  };
  EXPECT_EQ(service_spec(job, Roles()).container.pids_limit, 100);
  EXPECT_EQ(cpus(0), 0);
  EXPECT_EQ(cpus(1024), 1'000'000'000);
  EXPECT_EQ(cpus(512), 500'000'000);
  EXPECT_EQ(cpus(1), 10'000'000) << "less is refused by Linux";
}

TEST(ServiceSpec, SaysTheHostNameThatTheOperatorChose) {
  using HostName = ContainerSettings::HostName;
  const auto hostname = [](JobSpec job, HostName choice) {
    return service_spec(job, Roles(), ContainerSettings{.host_name = choice}).container.hostname;
  };
  EXPECT_EQ(hostname(shop(), HostName::engine), "");
  EXPECT_EQ(hostname(shop(), HostName::job), "shop.v3.web.2");
  EXPECT_EQ(hostname(shop(), HostName::node), "{{.Node.Hostname}}");
  JobSpec longest = shop();
  longest.name = JobName::parse(std::string(64, 'a') + "_v3.web.2");
  EXPECT_EQ(hostname(longest, HostName::job), "") << "Linux would not start it";
}

TEST(ServiceSpec, StaysOnTheDataPlaneWhenTheOperatorWantsIt) {
  const auto spec = service_spec(shop(), Roles(), ContainerSettings{.only_data_plane = true});
  EXPECT_EQ(
      spec.constraints, (std::vector<std::string>{"node.labels.disk==ssd", "node.labels.dataPlane==true"}));
}

TEST(ServiceSpec, IsTheSameSpecWhateverTheOperatorChanges) {
  const ContainerSettings settings{.host_name = ContainerSettings::HostName::job, .only_data_plane = true};
  const auto before = service_spec(shop(), Roles()), after = service_spec(shop(), Roles(), settings);
  EXPECT_EQ(before.labels.at("deis.spec"), after.labels.at("deis.spec"));
}

TEST(OneOffSpec, HasTheHostNameThatTheOperatorChose) {
  const ContainerSettings of_node{.host_name = ContainerSettings::HostName::node};
  EXPECT_EQ(one_off_spec(shop(), Roles(), of_node, "host1").hostname, "host1");
}

TEST(OneOffSpec, IsIsolatedAlikeButHasItsOwnRole) {
  const auto container = one_off_spec(shop(), Roles());
  EXPECT_EQ(container.labels.at("deis.role"), "run");
  EXPECT_EQ(container.pids_limit, 512);
  EXPECT_EQ(container.network, "deis-apps");
}

TEST(SpecHash, ChangesWithEveryPart) {
  std::set<std::string> hashes{spec_hash(shop())};
  const auto changed = [&](auto change) {
    JobSpec job = shop();
    change(job);
    EXPECT_TRUE(hashes.insert(spec_hash(job)).second);
  };
  changed([](JobSpec& job) { job.name.num = 3; });
  changed([](JobSpec& job) { job.image += "0"; });
  changed([](JobSpec& job) { job.entrypoint = {"/bin/bash"}; });
  changed([](JobSpec& job) { job.arguments.pop_back(); });
  changed([](JobSpec& job) { job.env["PORT"] = "80"; });
  changed([](JobSpec& job) { job.memory_bytes = 0; });
  changed([](JobSpec& job) { job.cpu_shares = 512; });
  changed([](JobSpec& job) { job.pids_limit = 100; });
  changed([](JobSpec& job) { job.tags.clear(); });
  EXPECT_EQ(spec_hash(shop()), spec_hash(shop()));
}

TEST(JobOf, IsNothingForLabelsOfOthers) {
  EXPECT_EQ(job_of({}), std::nullopt);
  EXPECT_EQ(job_of({{"deis.job", "not a job"}}), std::nullopt);
}

}  // namespace
}  // namespace deis::controller
