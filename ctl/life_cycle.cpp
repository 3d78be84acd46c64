// deisctl start, stop, restart, uninstall, scale: components that are installed. Data always stays.

#include "core/base/error.h"
#include "core/base/text.h"
#include "ctl/commands.h"
#include "ctl/console.h"
#include "ctl/engine_hook.h"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>

namespace deis::ctl {
namespace {

Task<> start_one(Platform& platform, Component component) {
  const Stopwatch watch;
  co_await platform.set_replicas(component, 1);
  co_await platform.wait_ready(component, Leases());
  progress(component.name, "running after " + watch.seconds());
}

Task<> restart_one(Platform& platform, Component component) {
  const Stopwatch watch;
  auto announced = co_await platform.announced_leases(component);
  co_await platform.docker().replace_tasks(component.service(), Platform::soon());
  co_await platform.wait_ready(component, std::move(announced));
  progress(component.name, "restarted after " + watch.seconds());
}

Task<> stop_one(Platform& platform, Component component) {
  const Stopwatch watch;
  co_await platform.set_replicas(component, 0);
  co_await platform.wait_stopped(component);
  progress(component.name, "stopped after " + watch.seconds());
}

// The number behind '=' in "router=2".
int wanted_count(const Component& component, const std::string& text, std::size_t machines) {
  const auto count = parse_int(text);
  if (!count || *count < 0) throw Error(ErrorCode::invalid, "'" + text + "' is not a number of instances");
  if (!component.scalable) {
    throw Error(ErrorCode::invalid, fmt::format("{} cannot be scaled: there is one of it", component.name));
  }
  if (static_cast<std::size_t>(*count) > machines) {
    throw Error(
        ErrorCode::invalid,
        fmt::format(
            "{}={}: each machine runs at most one, and there are {}", component.name, *count, machines));
  }
  return static_cast<int>(*count);
}

}  // namespace

Task<> start(Platform& platform, std::vector<std::string> targets) {
  const auto components = expand_targets(targets);
  heading("Starting");
  for (const auto& component : components) co_await start_one(platform, component);
}

Task<> stop(Platform& platform, std::vector<std::string> targets) {
  auto components = expand_targets(targets);
  std::ranges::reverse(components);
  heading("Stopping");
  for (const auto& component : components) co_await stop_one(platform, component);
}

Task<> restart(Platform& platform, std::vector<std::string> targets) {
  const auto components = expand_targets(targets);
  heading("Restarting");
  for (const auto& component : components) {
    const auto service = co_await platform.installed(component);
    if (service.replicas == 0) {
      co_await start_one(platform, component);
    } else {
      co_await restart_one(platform, component);
    }
  }
}

Task<> uninstall(Platform& platform, std::vector<std::string> targets) {
  auto components = expand_targets(targets);
  std::ranges::reverse(components);
  heading("Uninstalling");
  co_await platform.find_data_root();
  for (const auto& component : components) {
    const auto service = co_await platform.docker().service(component.service(), Platform::soon());
    if (!service) {
      progress(component.name, "was not installed");
      continue;
    }
    const Stopwatch watch;
    co_await platform.docker().remove_service(service->id, Platform::soon());
    co_await platform.wait_stopped(component);
    progress(component.name, "removed after " + watch.seconds());
  }
  if (components.size() == all_components().size()) co_await remove_engine_hook();
  note("the data below " + platform.options().data_root.string() + " is kept");
}

Task<> scale(Platform& platform, std::vector<std::string> targets) {
  const auto nodes = co_await platform.docker().nodes(Platform::soon());
  heading("Scaling");
  for (const auto& target : targets) {
    const auto [name, number] = parse_pair(target);
    const auto& component = find_component(name);
    const int count = wanted_count(component, number, nodes.size());
    const Stopwatch watch;
    co_await platform.set_replicas(component, count);
    if (count == 0) co_await platform.wait_stopped(component);
    if (count > 0) co_await platform.wait_ready(component, Leases());
    progress(component.name, fmt::format("{} after {}", count, watch.seconds()));
  }
}

}  // namespace deis::ctl
