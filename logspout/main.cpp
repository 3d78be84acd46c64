// deis-logspout: collects the output of this host's containers and ships it to the logger.

#include "core/base/error.h"
#include "core/component/announcer.h"
#include "core/component/durable_file.h"
#include "core/component/runtime.h"
#include "core/component/volume.h"
#include "core/json/json.h"
#include "logspout/collector.h"

namespace deis::logspout {
namespace {

using namespace std::chrono_literals;
using Positions = std::map<std::string, std::int64_t>;

constexpr std::size_t kQueueBytes = 16 * 1024 * 1024;

// A file that cannot be read only means that lines are read again, and the logger drops what it has.
Positions load_positions(const std::filesystem::path& file, const Log& log) {
  try {
    if (const auto text = component::read_file(file)) return json::from<Positions>(json::parse(*text));
  } catch (const Error& error) {
    log.warning("positions cannot be read, reading all logs again", {{"error", error.what()}});
  }
  return {};
}

Task<> keep_positions(
    component::Runtime& runtime, Collector& collector, Shipper& shipper, std::filesystem::path file) {
  std::int64_t saved = 0;
  for (;;) {
    co_await net::sleep_for(1s);
    if (saved == shipper.acknowledged()) continue;
    saved = shipper.acknowledged();
    std::string text = json::to_string(collector.positions());
    auto write = [file, text] { component::write_durably(file, text); };
    co_await runtime.workers().run(std::move(write));
  }
}

Task<> collect(
    component::Runtime& runtime, docker::Client& docker, Shipper& shipper, etcd::Session& session) {
  const component::Volume volume =
      co_await component::wait_for_volume(runtime.executor(), runtime.etcd(), "logspout", Deadline::max());
  const std::filesystem::path file = std::filesystem::path(volume.path) / "positions.json";
  Collector collector(
      runtime.executor(), docker, shipper, load_positions(file, runtime.log()), runtime.log());
  component::Announcer announcer(
      session,
      component::announce_key("logspout", runtime.options().host_id),
      component::announce_value(runtime.admin_endpoint()),
      [&](Deadline) -> Task<bool> { co_return collector.not_ready().empty(); },
      runtime.log());
  net::TaskGroup group(runtime.executor());
  group.spawn(collector.run());
  group.spawn(keep_positions(runtime, collector, shipper, file));
  group.spawn(announcer.run());
  co_await group.join();
}

int run(component::RuntimeOptions options) {
  component::Runtime runtime(options);
  docker::Client docker(runtime.executor(), net::Endpoint::unix_socket("/var/run/docker.sock"));
  etcd::Session session(runtime.executor(), runtime.etcd(), 10s, runtime.log());
  component::Directory loggers(runtime.executor(), runtime.etcd(), "logger", runtime.log());
  Shipper shipper(runtime.executor(), loggers, runtime.metrics(), runtime.log(), kQueueBytes);
  runtime.add("session", [&] { return session.run(etcd::Session::AtStop::revoke); });
  runtime.add("logger address", [&] { return loggers.run(); });
  runtime.add("shipper", [&] { return shipper.run(); });
  runtime.add("collector", [&] { return collect(runtime, docker, shipper, session); });
  return runtime.run();
}

}  // namespace
}  // namespace deis::logspout

int main() {
  return deis::component::run_daemon("logspout", 8005, deis::logspout::run);
}
