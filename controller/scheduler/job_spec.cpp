#include "controller/scheduler/job_spec.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/json/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace deis::controller {
namespace {

constexpr std::size_t kMaxServiceName = 63;
constexpr auto kJobLabel = "deis.job";
// `docker -c` counts in shares of 1024. Swarm knows no shares, so one share is 1/1024 of a processor as a
// limit.
constexpr std::int64_t kNanoCpus = 1'000'000'000, kSharesOfACpu = 1024;
// Linux gives a container at least a hundredth of a processor, or does not start it.
constexpr std::int64_t kLeastNanoCpus = kNanoCpus / 100;

constexpr std::size_t kMaxHostName = 63;               // Linux takes 64, DNS a label of 63
constexpr auto kNameOfTheNode = "{{.Node.Hostname}}";  // Swarm fills it in on each machine
constexpr auto kDataPlane = "node.labels.dataPlane==true";

bool is_alphanumeric(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

bool is_swarm_name(std::string_view name) {
  const auto allowed = [](char c) { return is_alphanumeric(c) || c == '-' || c == '_'; };
  return name.size() <= kMaxServiceName && is_alphanumeric(name.front()) && is_alphanumeric(name.back()) &&
         std::all_of(name.begin(), name.end(), allowed);
}

docker::Labels labels_of(const JobName& job, const std::string& role) {
  return {
      {kRoleLabel, role},
      {kAppLabel, job.app.str()},
      {"deis.release", std::to_string(job.release)},
      {"deis.type", job.type.str()},
      {"deis.num", std::to_string(job.num)},
      {kJobLabel, job.str()}};
}

std::int64_t nano_cpus(std::int64_t shares) {
  if (shares <= 0) return 0;
  return std::max(kLeastNanoCpus, shares * kNanoCpus / kSharesOfACpu);
}

docker::ContainerSpec container_spec(const JobSpec& job, const std::string& role) {
  docker::ContainerSpec spec;
  spec.image = job.image;
  spec.entrypoint = job.entrypoint;
  spec.arguments = job.arguments;
  for (const auto& [key, value] : job.env) spec.env.push_back(key + "=" + value);
  spec.labels = labels_of(job.name, role);
  spec.capability_drop = {"ALL"};
  spec.capability_add = {"CHOWN", "DAC_OVERRIDE", "FOWNER", "SETUID", "SETGID", "NET_BIND_SERVICE", "KILL"};
  spec.init = true;
  spec.no_new_privileges = true;
  spec.stop_grace = std::chrono::seconds(30);
  spec.memory_bytes = job.memory_bytes;
  spec.nano_cpus = nano_cpus(job.cpu_shares);
  spec.pids_limit = job.pids_limit > 0 ? job.pids_limit : kDefaultPids;
  spec.network = kAppNetwork;
  return spec;
}

// "shop.v3.web.1"; Docker's own choice when Linux would not take it.
std::string host_name(const JobName& job) {
  std::string name = job.str();
  std::replace(name.begin(), name.end(), '_', '.');
  return name.size() <= kMaxHostName ? name : "";
}

std::string host_name(const JobName& job, const ContainerSettings& settings, const std::string& node) {
  using HostName = ContainerSettings::HostName;
  if (settings.host_name == HostName::job) return host_name(job);
  return settings.host_name == HostName::node ? node : "";
}

}  // namespace

std::string service_name(const JobName& job) {
  const std::string name = fmt::format("{}_v{}_{}_{}", job.app.str(), job.release, job.type.str(), job.num);
  if (is_swarm_name(name)) return name;
  return fmt::format("app-{}_v{}_{}", sha256_hex(job.str()).substr(0, 16), job.release, job.num);
}

std::string spec_hash(const JobSpec& job) {
  json::object canonical{
      {"name", job.name.str()},
      {"image", job.image},
      {"entrypoint", json::to_value(job.entrypoint)},
      {"arguments", json::to_value(job.arguments)},
      {"env", json::to_value(job.env)},
      {"memory", job.memory_bytes},
      {"cpu", job.cpu_shares},
      {"tags", json::to_value(job.tags)}};
  // Services made before this limit could be chosen keep their hash.
  if (job.pids_limit > 0) canonical["pids"] = job.pids_limit;
  return sha256_hex(json::to_text(canonical));
}

docker::ServiceSpec service_spec(const JobSpec& job, const Roles& roles, const ContainerSettings& settings) {
  docker::ServiceSpec spec;
  spec.name = service_name(job.name);
  spec.labels = labels_of(job.name, roles.app);
  spec.labels[kSpecLabel] = spec_hash(job);
  spec.container = container_spec(job, roles.app);
  spec.container.hostname = host_name(job.name, settings, kNameOfTheNode);
  spec.restart_delay = std::chrono::seconds(1);
  for (const auto& [key, value] : job.tags) spec.constraints.push_back("node.labels." + key + "==" + value);
  if (settings.only_data_plane) spec.constraints.push_back(kDataPlane);
  return spec;
}

docker::ContainerSpec one_off_spec(
    const JobSpec& job, const Roles& roles, const ContainerSettings& settings, const std::string& node) {
  docker::ContainerSpec spec = container_spec(job, roles.one_off);
  spec.hostname = host_name(job.name, settings, node);
  return spec;
}

std::optional<JobName> job_of(const docker::Labels& labels) {
  const auto found = labels.find(kJobLabel);
  if (found == labels.end()) return std::nullopt;
  try {
    return JobName::parse(found->second);
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace deis::controller
