#pragma once
// Keeps the PlatformSettings that the services read equal to the keys in etcd (controller/README.md lists
// them).

#include "controller/domain/platform_settings.h"
#include "core/component/settings.h"

#include <functional>

namespace deis::controller {

class SettingsKeeper {
 public:
  SettingsKeeper(Executor executor, etcd::Client& etcd, Log log);

  // Called with each look at etcd, for what keeps a copy.
  void observe(std::function<void(const PlatformSettings&)> observer) { observer_ = std::move(observer); }
  const PlatformSettings& current() const { return current_; }
  PlatformSettings& current() { return current_; }
  // Writes /deis/controller/<key> (nullopt: removes it) and returns when it is in effect.
  Task<> change(std::string key, std::optional<std::string> value);
  // The service port, read at start. Waits for the first look at etcd.
  Task<std::uint16_t> port();

  Task<> run();

 private:
  Task<> follow(component::Settings& settings);
  Task<> write_defaults();
  Task<> migrate_registration();
  void refresh();
  LdapSettings ldap_settings() const;
  ContainerSettings container_settings() const;
  RegistrationMode registration_mode();
  AcmeSettings acme_settings() const;

  Executor executor_;
  etcd::Client& etcd_;
  Log log_;
  component::Settings controller_, platform_;
  PlatformSettings current_;
  bool reported_mode_ = false;
  std::function<void(const PlatformSettings&)> observer_;
};

}  // namespace deis::controller
