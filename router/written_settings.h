#pragma once
// The settings of the router as operators wrote them in etcd, unjudged, from all directories that they are
// in. Loop thread only.

#include "core/component/setting_rule.h"
#include "core/component/settings.h"

#include <map>

namespace deis::router {

class WrittenSettings {
 public:
  WrittenSettings(Executor executor, etcd::Client& etcd, const Log& log);

  Task<> wait_synced();
  // Those that are set, by key of component::router_settings().
  component::SettingValues texts() const;

  // Add it to the Runtime. Notifies `changed` when some key in these directories has changed.
  Task<> run(net::Event& changed);

 private:
  static Task<> tell(component::Settings& settings, net::Event& changed);

  Executor executor_;
  std::map<std::string, component::Settings> directories_;  // by what their keys begin with: "router/"
};

}  // namespace deis::router
