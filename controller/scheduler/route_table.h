#pragma once
// The routing policy of all apps in etcd: /deis/apps/<app> and /deis/domains/<fqdn> (ARCHITECTURE.md §7).

#include "controller/scheduler/route_entry.h"
#include "core/etcd/client.h"

#include <map>
#include <string>
#include <vector>

namespace deis::controller {

struct Routes {
  std::map<std::string, RouteEntry> apps;      // app -> entry; one that cannot be read has release 0
  std::map<std::string, std::string> domains;  // fqdn -> app
};

class RouteTable {
 public:
  explicit RouteTable(etcd::Client& etcd) : etcd_(etcd) {}

  // Changes the entry and returns the revision since which it is so (an old one when nothing had to change).
  // An absent entry is created by a change that names a release; without one it stays absent (0): the app is
  // gone.
  Task<etcd::Revision> change(AppId app, RouteChange change, Deadline deadline);
  Task<std::optional<RouteEntry>> get(AppId app, Deadline deadline);

  Task<Routes> list(Deadline deadline);
  Task<> set_domain(std::string fqdn, AppId app, Deadline deadline);
  Task<> drop_domain(std::string fqdn, AppId app, Deadline deadline);  // unless it is another app's by now
  // The entry and all domains of the app; returns the revision since which they are gone (0: there were
  // none).
  Task<etcd::Revision> erase(AppId app, Deadline deadline);

 private:
  etcd::Client& etcd_;
};

}  // namespace deis::controller
