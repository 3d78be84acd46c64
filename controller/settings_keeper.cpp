#include "controller/settings_keeper.h"

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/net/backoff.h"
#include "core/net/task_group.h"

#include <map>

namespace deis::controller {
namespace {

constexpr auto kDirectory = "/deis/controller/";
constexpr auto kBuilderKey = "/deis/controller/builderKey";
constexpr std::size_t kBuilderKeyBytes = 64;
constexpr std::uint16_t kDefaultPort = 8000;
constexpr std::chrono::seconds kEtcdLimit{5};

const std::map<std::string, RegistrationMode> kModes = {
    {"enabled", RegistrationMode::enabled},
    {"disabled", RegistrationMode::disabled},
    {"admin_only", RegistrationMode::admin_only},
};

}  // namespace

SettingsKeeper::SettingsKeeper(Executor executor, etcd::Client& etcd, Log log)
    : executor_(executor),
      etcd_(etcd),
      log_(log),
      controller_(executor, etcd, kDirectory, log),
      platform_(executor, etcd, "/deis/platform/", log) {}

Task<std::uint16_t> SettingsKeeper::port() {
  co_await controller_.wait_synced();
  co_return static_cast<std::uint16_t>(controller_.get_int("port", kDefaultPort, 1, 65535));
}

Task<> SettingsKeeper::change(std::string key, std::optional<std::string> value) {
  const std::string path = kDirectory + key;
  if (value) {
    co_await etcd_.put(path, *value, in(kEtcdLimit));
  } else {
    co_await etcd_.erase(path, in(kEtcdLimit));
  }
  while (controller_.find(key) != value) {
    const auto revision = controller_.revision();
    co_await controller_.changed_since(revision);
  }
  refresh();
}

Task<> SettingsKeeper::run() {
  net::TaskGroup group(executor_);
  group.spawn(controller_.run());
  group.spawn(platform_.run());
  group.spawn(create_builder_key());
  group.spawn(follow(controller_));
  group.spawn(follow(platform_));
  co_await group.join();
}

Task<> SettingsKeeper::follow(component::Settings& settings) {
  co_await settings.wait_synced();
  for (;;) {
    const auto revision = settings.revision();
    refresh();
    co_await settings.changed_since(revision);
  }
}

// The secret that builders present; whoever starts first makes it.
Task<> SettingsKeeper::create_builder_key() {
  net::Backoff backoff;
  for (;;) {
    try {
      co_await etcd_.create(kBuilderKey, random_base64(kBuilderKeyBytes), in(kEtcdLimit));
      co_return;
    } catch (const Error& error) {
      if (error.code() == ErrorCode::canceled) throw;
      log_.warning("cannot make sure that there is a builder key", {{"why", error.what()}});
    }
    co_await net::sleep_for(backoff.next());
  }
}

void SettingsKeeper::refresh() {
  const PlatformSettings defaults;
  current_.domain = platform_.get("domain", defaults.domain);
  current_.subdomain = controller_.get("subdomain", defaults.subdomain);
  current_.builder_key = controller_.get("builderKey", "");
  const auto mode = kModes.find(controller_.get("registrationMode", "enabled"));
  const bool good = mode != kModes.end();
  // A mode nobody knows was meant to restrict something: closed until it is corrected.
  current_.registration_mode = good ? mode->second : RegistrationMode::disabled;
  if (!good && !reported_mode_) {
    log_.error("registrationMode must be enabled, disabled or admin_only: nobody can register until it is");
  }
  reported_mode_ = !good;
}

}  // namespace deis::controller
