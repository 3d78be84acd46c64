#include "ctl/platform.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace deis::ctl {
namespace {

constexpr std::chrono::milliseconds kPoll{200};
constexpr std::chrono::seconds kEtcdAnswers{2};  // or it counts as away
constexpr auto kDefaultDataRoot = "/var/lib/deis";
constexpr std::string_view kDockerSocket = "/var/run/docker.sock";

bool is_away(const Error& error) {
  return error.code() == ErrorCode::unavailable || error.code() == ErrorCode::timeout;
}

std::string hosts_prefix(const Component& component) {
  return fmt::format("/deis/{}/hosts/", component.name);
}

bool is_active(const docker::TaskInfo& task) {
  static constexpr std::array kActive{"assigned", "accepted", "preparing", "ready", "starting", "running"};
  return std::ranges::find(kActive, task.state) != kActive.end();
}

}  // namespace

Platform::Platform(Executor executor, Options options)
    : options_(std::move(options)), docker_(executor, options_.docker), etcd_(executor, options_.etcd) {}

docker::ServiceSpec Platform::spec(const Component& component, std::string image, int replicas) const {
  SpecOptions options;
  options.image = std::move(image);
  options.etcd = options_.etcd;
  options.data_root = options_.data_root;
  options.docker_socket = options_.docker.is_unix ? options_.docker.host : std::string(kDockerSocket);
  options.log_level = options_.log_level;
  options.replicas = replicas;
  return service_spec(component, options);
}

// By label, because Swarm forgets the name of a removed service before its tasks have ended.
Task<std::vector<docker::TaskInfo>> Platform::tasks_of(Component component) {
  std::vector<std::string> filters;
  filters.push_back(fmt::format("label={}={}", kComponentLabel, component.name));
  auto tasks = co_await docker_.tasks(std::move(filters), soon());
  std::ranges::sort(tasks, std::ranges::greater{}, &docker::TaskInfo::created_at);
  co_return tasks;
}

Task<Sighting> Platform::look(Component component) {
  Sighting seen;
  seen.service = co_await docker_.service(component.service(), soon());
  seen.tasks = co_await tasks_of(component);
  try {
    auto range = co_await etcd_.list(hosts_prefix(component), in(kEtcdAnswers));
    seen.announced = std::move(range.entries);
    auto problems = co_await etcd_.list(fmt::format("/deis/{}/problems/", component.name), in(kEtcdAnswers));
    seen.problems = std::move(problems.entries);
  } catch (const Error& error) {
    if (!is_away(error)) throw;
  }
  co_return seen;
}

Task<Leases> Platform::announced_leases(Component component) {
  Leases leases;
  try {
    const auto range = co_await etcd_.list(hosts_prefix(component), in(kEtcdAnswers));
    for (const auto& entry : range.entries) leases.insert(entry.lease);
  } catch (const Error& error) {
    if (!is_away(error)) throw;
  }
  co_return leases;
}

Task<docker::Service> Platform::installed(Component component) {
  auto service = co_await docker_.service(component.service(), soon());
  if (!service) {
    throw Error(
        ErrorCode::not_found,
        fmt::format("{0} is not installed; 'deisctl install {0}' does that", component.name));
  }
  co_return std::move(*service);
}

Task<> Platform::find_data_root() {
  std::vector<docker::Service> services;
  const bool swarm = co_await docker_.swarm_active(soon());
  if (swarm) {
    std::vector<std::string> labels(1, std::string(kComponentLabel));
    services = co_await docker_.services(std::move(labels), soon());
  }
  for (const auto& service : services) {
    const auto found = service.labels.find(kDataRootLabel);
    if (found == service.labels.end()) continue;
    if (!options_.data_root.empty() && options_.data_root != found->second) {
      throw Error(
          ErrorCode::conflict,
          fmt::format(
              "the platform's data is below {}: --data-root (DEIS_DATA_ROOT) cannot be {}",
              found->second,
              options_.data_root.string()));
    }
    options_.data_root = found->second;
  }
  if (options_.data_root.empty()) options_.data_root = kDefaultDataRoot;
}

Task<bool> Platform::apply(Component component, std::string image, int replicas) {
  auto wanted = spec(component, std::move(image), replicas);
  const auto service = co_await docker_.service(component.service(), soon());
  if (!service) {
    co_await docker_.create_service(std::move(wanted), soon());
    co_return true;
  }
  const auto made_from = service->labels.find(kSpecLabel);
  const bool same = made_from != service->labels.end() && made_from->second == wanted.labels.at(kSpecLabel);
  if (same && service->replicas == replicas) co_return false;
  wanted.force_update = service->force_update;
  co_await docker_.update_service(service->id, service->version, std::move(wanted), soon());
  co_return true;
}

Task<> Platform::set_replicas(Component component, int replicas) {
  const auto service = co_await installed(component);
  if (service.replicas != replicas) co_await docker_.scale_service(service.id, replicas, soon());
}

Task<bool> Platform::ready(Component component, const Leases& predecessors) {
  try {
    const auto range = co_await etcd_.list(hosts_prefix(component), in(kEtcdAnswers));
    if (component.name == "etcd") co_return true;  // that it answered is all
    co_return std::ranges::any_of(
        range.entries, [&](const auto& entry) { return !predecessors.contains(entry.lease); });
  } catch (const Error& error) {
    if (!is_away(error)) throw;
  }
  co_return false;
}

Task<> Platform::wait_ready(Component component, Leases predecessors) {
  const auto deadline = in(options_.wait);
  for (;;) {
    const bool is_ready = co_await ready(component, predecessors);
    if (is_ready) co_return;
    if (std::chrono::steady_clock::now() > deadline) break;
    co_await net::sleep_for(kPoll);
  }
  const auto reason = co_await why_not_ready(component);
  throw Error(
      ErrorCode::timeout,
      fmt::format("{} is not ready after {} s\n{}", component.name, options_.wait.count(), reason));
}

Task<> Platform::wait_stopped(Component component) {
  const auto deadline = in(component.stop_grace + std::chrono::seconds(30));
  for (;;) {
    const auto tasks = co_await tasks_of(component);
    if (std::ranges::none_of(tasks, is_active)) co_return;
    if (std::chrono::steady_clock::now() > deadline) break;
    co_await net::sleep_for(kPoll);
  }
  throw Error(
      ErrorCode::timeout,
      fmt::format("{} still runs; see 'deisctl status {}'", component.name, component.name));
}

// The Engine lists the newest first.
Task<std::vector<docker::ContainerSummary>> Platform::containers_of(Component component) {
  std::vector<std::string> labels;
  labels.push_back(fmt::format("{}={}", kComponentLabel, component.name));
  auto containers = co_await docker_.containers(true, std::move(labels), soon());
  co_return containers;
}

Task<std::optional<docker::ContainerSummary>> Platform::newest_container(Component component) {
  auto containers = co_await containers_of(component);
  if (containers.empty()) co_return std::nullopt;
  co_return std::move(containers.front());
}

// Of the newest container that said anything: one that was just started has not yet.
Task<std::string> Platform::last_lines(Component component, int count) {
  docker::LogOptions options;
  options.timestamps = false;
  options.tail = count;
  const auto containers = co_await containers_of(component);
  for (const auto& container : containers) {
    auto source = co_await docker_.logs(container.id, options, false, soon());
    std::string text;
    while (const auto piece = co_await source->next(soon())) text += piece->data;
    if (!trim(text).empty()) co_return text;
  }
  co_return std::string();
}

Task<std::string> Platform::why_not_ready(Component component) {
  const auto tasks = co_await tasks_of(component);
  std::string text;
  if (tasks.empty()) text += "  Swarm has not made a task of it\n";
  if (!tasks.empty()) text += fmt::format("  its task is {}\n", tasks.front().state);
  const auto failure = last_failure(tasks);
  if (!failure.empty()) text += "  the last failed task: " + failure + "\n";
  const auto lines = co_await last_lines(component, 10);
  if (!lines.empty()) {
    text += "  its last log lines:\n";
    for (const auto line : split(trim(lines), '\n')) text += fmt::format("    {}\n", line);
  }
  text += fmt::format("  more: deisctl journal {}", component.name);
  co_return text;
}

std::string last_failure(const std::vector<docker::TaskInfo>& newest_first) {
  const auto failed = std::ranges::find_if(newest_first, [](const docker::TaskInfo& task) {
    return task.state == "failed" || task.state == "rejected" || !task.error.empty();
  });
  if (failed == newest_first.end()) return "";
  if (!failed->error.empty()) return failed->error;
  return fmt::format("ended with exit code {}", failed->exit_code);
}

}  // namespace deis::ctl
