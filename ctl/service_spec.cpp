#include "ctl/service_spec.h"

#include "core/base/text.h"

#include <fmt/format.h>

namespace deis::ctl {
namespace {

constexpr std::string_view kDataInside = "/var/lib/deis";
constexpr std::string_view kSocketInside = "/var/run/docker.sock";

// stack: compaction keeps the history bounded, progress notices keep idle watches honest.
std::vector<std::string> etcd_arguments(const net::Endpoint& clients) {
  const auto client_url = fmt::format("http://{}:{}", clients.host, clients.port);
  const auto peer_url = fmt::format("http://{}:{}", clients.host, clients.port + 1);
  return {
      "--name=deis",
      "--data-dir=" + std::string(kDataInside) + "/etcd",
      "--listen-client-urls=" + client_url,
      "--advertise-client-urls=" + client_url,
      "--listen-peer-urls=" + peer_url,
      "--initial-advertise-peer-urls=" + peer_url,
      "--initial-cluster=deis=" + peer_url,
      "--auto-compaction-mode=revision",
      "--auto-compaction-retention=10000",
      "--quota-backend-bytes=2147483648",
      "--experimental-watch-progress-notify-interval=3s",
  };
}

std::vector<std::string> environment(const Component& component, const SpecOptions& options) {
  if (component.admin_port == 0) return {};
  return {
      fmt::format("DEIS_ETCD=http://{}:{}", options.etcd.host, options.etcd.port),
      "DEIS_HOST_ID={{.Node.Hostname}}",  // Swarm fills it in on each machine
      "DEIS_LOG_LEVEL=" + options.log_level,
      fmt::format("DEIS_ADMIN_PORT={}", component.admin_port),
  };
}

std::vector<docker::Mount> mounts(const Component& component, const SpecOptions& options) {
  std::vector<docker::Mount> mounts;
  if (component.name == "store") {  // decides for all where their data lives
    mounts.push_back({.source = options.data_root, .target = std::string(kDataInside)});
  } else if (component.has_data) {
    mounts.push_back({
        .source = options.data_root / component.name,
        .target = fmt::format("{}/{}", kDataInside, component.name),
    });
  }
  if (component.drives_docker) {
    mounts.push_back({.source = options.docker_socket, .target = std::string(kSocketInside)});
  }
  return mounts;
}

}  // namespace

docker::ServiceSpec service_spec(const Component& component, const SpecOptions& options) {
  docker::ServiceSpec spec;
  spec.name = component.service();
  spec.labels = {
      {kComponentLabel, std::string(component.name)}, {kDataRootLabel, options.data_root.string()}};
  spec.container.image = options.image;
  spec.container.labels = {{kComponentLabel, std::string(component.name)}};
  spec.container.env = environment(component, options);
  spec.container.mounts = mounts(component, options);
  spec.container.network = "host";
  spec.container.stop_grace = component.stop_grace;
  if (component.name == "etcd") spec.container.arguments = etcd_arguments(options.etcd);
  spec.replicas = options.replicas;
  spec.restart_delay = std::chrono::milliseconds(500);
  spec.update_order = docker::ServiceSpec::UpdateOrder::stop_first;  // its ports are the machine's

  const auto hash = sha256_hex(describe(spec)).substr(0, 12);
  spec.labels[kSpecLabel] = hash;
  return spec;
}

std::string describe(const docker::ServiceSpec& spec) {
  std::string text = fmt::format("service {}\nimage {}\n", spec.name, spec.container.image);
  for (const auto& argument : spec.container.arguments) text += "argument " + argument + "\n";
  for (const auto& variable : spec.container.env) text += "env " + variable + "\n";
  for (const auto& mount : spec.container.mounts)
    text += fmt::format("mount {} {}\n", mount.source, mount.target);
  for (const auto& [name, value] : spec.container.labels) text += fmt::format("label {}={}\n", name, value);
  text += fmt::format(
      "network {}\ninit {}\nstop grace {} s\nrestart after {} ms\n",
      spec.container.network,
      spec.container.init,
      spec.container.stop_grace.count(),
      spec.restart_delay.count());
  return text;
}

}  // namespace deis::ctl
