// deis-registry: the platform's images, kept by docker-registry.

#include "core/component/runtime.h"
#include "registry/registry.h"

namespace {

using namespace deis;

int serve(component::RuntimeOptions options) {
  component::Runtime runtime(std::move(options));
  component::Settings settings(runtime.executor(), runtime.etcd(), "/deis/registry/", runtime.log());
  etcd::Session session(runtime.executor(), runtime.etcd(), std::chrono::seconds(10), runtime.log());
  registry::Registry registry(
      runtime.executor(),
      runtime.etcd(),
      session,
      settings,
      runtime.workers(),
      runtime.options().host_id,
      runtime.log());

  runtime.add("settings", [&] { return settings.run(); });
  runtime.add("session", [&] { return session.run(etcd::Session::AtStop::revoke); });
  runtime.add("registry", [&] { return registry.run(); });
  runtime.ready_when("registry", [&] { return registry.trouble(); });
  runtime.handle(
      "POST", "/collect", [&](net::Request request) { return registry.collect(std::move(request)); });
  return runtime.run();
}

}  // namespace

int main() {
  return deis::component::run_daemon("registry", 8004, serve);
}
