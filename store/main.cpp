// deis-store: prepares the place of every component's durable data and tells in etcd where it is.

#include "core/component/announcer.h"
#include "core/component/directory.h"
#include "core/component/runtime.h"
#include "store/volume_keeper.h"

#include <cstdlib>

namespace {

using namespace deis;

std::filesystem::path data_root() {
  const char* root = std::getenv("DEIS_DATA_ROOT");
  return root && *root ? root : "/var/lib/deis";
}

int serve(component::RuntimeOptions options) {
  component::Runtime runtime(std::move(options));
  const Log& log = runtime.log();
  store::VolumeKeeper keeper(runtime.etcd(), runtime.workers(), runtime.metrics(), data_root(), log);

  etcd::Session session(runtime.executor(), runtime.etcd(), std::chrono::seconds(10), log);
  component::Announcer announcer(
      session,
      component::announce_key("store", runtime.options().host_id),
      component::announce_value(runtime.admin_endpoint()),
      [&](Deadline) -> Task<bool> { co_return keeper.unpublished().empty(); },
      log);

  runtime.add("volumes", [&] { return keeper.run(); });
  runtime.add("session", [&] { return session.run(etcd::Session::AtStop::revoke); });
  runtime.add("announcer", [&] { return announcer.run(); });
  runtime.ready_when("volumes", [&] { return keeper.trouble(); });
  return runtime.run();
}

}  // namespace

int main() {
  return deis::component::run_daemon("store", 8009, serve);
}
