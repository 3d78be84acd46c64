#pragma once
// The routes and policies of all apps in etcd: /deis/apps/<app> and /deis/domains/<fqdn> (ARCHITECTURE.md
// §7).

#include "controller/scheduler/route_entry.h"
#include "core/etcd/client.h"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace deis::controller {

struct Routes {
  std::map<std::string, RouteEntry> apps;         // app -> entry; one that cannot be read has release 0
  std::map<std::string, std::string> domains;     // fqdn -> app
  std::map<std::string, etcd::Revision> changed;  // app -> when its entry was last written
};

using ReadPolicy = std::function<Task<AppPolicy>()>;

class RouteTable {
 public:
  explicit RouteTable(etcd::Client& etcd) : etcd_(etcd) {}

  // Changes the entry and returns the revision since which it is so (an old one when nothing had to change).
  // An absent entry is created by a change that names a release; without one it stays absent (0): the app is
  // gone.
  Task<etcd::Revision> change(AppId app, RouteChange change, Deadline deadline);
  // As change(), but the policy in `change` is left out when the entry was written after `seen` (0: it was
  // absent): who read the policy before that may have an old one.
  Task<etcd::Revision> change_as_seen(AppId app, RouteChange change, etcd::Revision seen, Deadline deadline);
  // Makes the entry's policy equal to what `read` tells. The entry is looked at before `read` and written
  // only if nobody else wrote it since: of several at the same time, the one with the newest policy is the
  // last. Returns the revision since which it is so, 0 when there is no entry.
  Task<etcd::Revision> write_policy(AppId app, ReadPolicy read, Deadline deadline);
  Task<std::optional<RouteEntry>> get(AppId app, Deadline deadline);

  Task<Routes> list(Deadline deadline);
  Task<> set_domain(std::string fqdn, AppId app, Deadline deadline);
  Task<> drop_domain(std::string fqdn, AppId app, Deadline deadline);  // unless it is another app's by now
  // The entry and all domains of the app; returns the revision since which they are gone (0: there were
  // none).
  Task<etcd::Revision> erase(AppId app, Deadline deadline);

 private:
  // Whether the entry had not been written since `before` was read; then it has the revision.
  Task<etcd::TxnResult> replace(
      std::string key, std::optional<etcd::KeyValue> before, std::string text, Deadline deadline);

  etcd::Client& etcd_;
};

}  // namespace deis::controller
