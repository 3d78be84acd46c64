#include "router/written_settings.h"

#include "core/component/router_settings.h"
#include "core/net/task_group.h"

namespace deis::router {
namespace {

constexpr const char* kDirectories[] = {"router/", "controller/", "store/gateway/"};

}  // namespace

WrittenSettings::WrittenSettings(Executor executor, etcd::Client& etcd, const Log& log)
    : executor_(executor) {
  for (const std::string directory : kDirectories) {
    directories_.try_emplace(directory, executor, etcd, "/deis/" + directory, log);
  }
}

Task<> WrittenSettings::wait_synced() {
  for (auto& [directory, settings] : directories_) co_await settings.wait_synced();
}

component::SettingValues WrittenSettings::texts() const {
  component::SettingValues texts;
  for (const auto& rule : component::router_settings()) {
    for (const auto& [directory, settings] : directories_) {
      if (!rule.key.starts_with(directory)) continue;
      const auto text = settings.find(std::string(rule.key.substr(directory.size())));
      if (text) texts[std::string(rule.key)] = *text;
    }
  }
  return texts;
}

Task<> WrittenSettings::tell(component::Settings& settings, net::Event& changed) {
  for (;;) {
    const auto revision = settings.revision();
    co_await settings.changed_since(revision);
    changed.notify();
  }
}

Task<> WrittenSettings::run(net::Event& changed) {
  net::TaskGroup group(executor_);
  for (auto& [directory, settings] : directories_) {
    group.spawn(settings.run());
    group.spawn(tell(settings, changed));
  }
  co_await group.join();
}

}  // namespace deis::router
