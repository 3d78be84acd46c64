#include "controller/settings_keeper.h"

#include "controller/acme/settings_rules.h"
#include "core/base/error.h"
#include "core/base/random.h"
#include "core/base/text.h"
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
constexpr std::int64_t kMaximumAuditDays = 3650;
constexpr std::int64_t kMaximumAuditRecords = 100'000'000;
constexpr std::int64_t kMaximumOrders = 1000;  // in an hour
constexpr std::int64_t kMaximumSwitchSeconds = 300;

constexpr auto kRegistrationMode = "/deis/controller/registrationMode";
constexpr auto kRegistrationEnabled = "/deis/controller/registrationEnabled";

// Those of contract api.md §7.1 that mean something here (controller/README.md).
const std::map<std::string, std::string> kDefaults = {
    {kRegistrationMode, "enabled"},
    {"/deis/controller/unitHostname", "default"},
};

std::string mode_for(const std::string& registration_enabled) {
  return to_lower(trim(registration_enabled)) == "false" ? "disabled" : "enabled";
}

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
  group.spawn(write_defaults());
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

// Operators find there what holds (contract api.md §7.1). Whoever starts first writes it, what is there
// stays.
Task<> SettingsKeeper::write_defaults() {
  co_await controller_.wait_synced();
  net::Backoff backoff;
  for (;;) {
    try {
      co_await migrate_registration();
      co_await etcd_.create(kBuilderKey, random_base64(kBuilderKeyBytes), in(kEtcdLimit));
      for (const auto& [key, value] : kDefaults) co_await etcd_.create(key, value, in(kEtcdLimit));
      co_return;
    } catch (const Error& error) {
      if (error.code() == ErrorCode::canceled) throw;
      log_.warning("cannot make sure that there are a builder key and settings", {{"why", error.what()}});
    }
    co_await net::sleep_for(backoff.next());
  }
}

// registrationEnabled of earlier platforms becomes a mode (contract api.md §6.1).
Task<> SettingsKeeper::migrate_registration() {
  const auto old = controller_.find("registrationEnabled");
  if (!old) co_return;
  co_await etcd_.create(kRegistrationMode, mode_for(*old), in(kEtcdLimit));
  co_await etcd_.erase(kRegistrationEnabled, in(kEtcdLimit));
}

void SettingsKeeper::refresh() {
  const PlatformSettings defaults;
  current_.domain = platform_.get("domain", defaults.domain);
  current_.subdomain = controller_.get("subdomain", defaults.subdomain);
  current_.builder_key = controller_.get("builderKey", "");
  current_.audit_days = controller_.get_int("auditDays", defaults.audit_days, 1, kMaximumAuditDays);
  current_.audit_records =
      controller_.get_int("auditRecords", defaults.audit_records, 1000, kMaximumAuditRecords);
  current_.switch_seconds =
      controller_.get_int("switchTimeout", defaults.switch_seconds, 1, kMaximumSwitchSeconds);
  current_.ldap = ldap_settings();
  current_.registration_mode = registration_mode();
  current_.containers = container_settings();
  current_.acme = acme_settings();
  if (observer_) observer_(current_);
}

RegistrationMode SettingsKeeper::registration_mode() {
  const auto mode = kModes.find(
      controller_.get("registrationMode", mode_for(controller_.get("registrationEnabled", "true"))));
  const bool good = mode != kModes.end();
  if (!good && !reported_mode_) {
    log_.error("registrationMode must be enabled, disabled or admin_only: nobody can register until it is");
  }
  reported_mode_ = !good;
  // A mode nobody knows was meant to restrict something: closed until it is corrected.
  return good ? mode->second : RegistrationMode::disabled;
}

ContainerSettings SettingsKeeper::container_settings() const {
  using HostName = ContainerSettings::HostName;
  const std::string word =
      controller_.get_word("unitHostname", "default", {"default", "application", "server"});
  ContainerSettings settings;
  if (word == "application") settings.host_name = HostName::job;
  if (word == "server") settings.host_name = HostName::node;
  settings.only_data_plane = platform_.get_bool("enablePlacementOptions", false);
  return settings;
}

// Set to nothing is as good as not set, but for what has a default.
LdapSettings SettingsKeeper::ldap_settings() const {
  const auto get = [this](const std::string& key, const std::string& fallback) {
    const std::string value = controller_.get("auth/ldap/" + key, "");
    return value.empty() ? fallback : value;
  };
  const LdapSettings defaults;
  return LdapSettings{
      .endpoint = get("endpoint", ""),
      .bind_dn = get("bind/dn", ""),
      .bind_password = get("bind/password", ""),
      .user_base = get("user/basedn", ""),
      .user_attribute = get("user/filter", defaults.user_attribute),
      .group_base = get("group/basedn", ""),
      .group_attribute = get("group/filter", defaults.group_attribute),
      .group_type = get("group/type", defaults.group_type)};
}

AcmeSettings SettingsKeeper::acme_settings() const {
  const AcmeSettings defaults;
  return AcmeSettings{
      .agreed = controller_.get_bool("acme/agreeToTerms", defaults.agreed),
      .directory = controller_.get_checked(
          "acme/directory", defaults.directory, acme::is_directory, "an https:// URL"),
      .email = controller_.get_checked("acme/email", defaults.email, acme::is_email, "a mail address"),
      .roots =
          controller_.get_checked("acme/roots", defaults.roots, acme::is_roots, "certificates in PEM form"),
      .probe_address = controller_.get_checked(
          "acme/probeAddress", defaults.probe_address, acme::is_host_port, "a host and a port, 10.0.0.1:80"),
      .orders_per_hour = static_cast<int>(
          controller_.get_int("acme/ordersPerHour", defaults.orders_per_hour, 1, kMaximumOrders))};
}

}  // namespace deis::controller
