// deis-database: PostgreSQL for the platform, started only on data that is really its own.

#include "core/component/runtime.h"
#include "database/database.h"

namespace {

using namespace deis;

int serve(component::RuntimeOptions options) {
  component::Runtime runtime(std::move(options));
  component::Settings settings(runtime.executor(), runtime.etcd(), "/deis/database/", runtime.log());
  etcd::Session session(runtime.executor(), runtime.etcd(), std::chrono::seconds(10), runtime.log());
  database::Database database(
      runtime.executor(),
      runtime.etcd(),
      session,
      settings,
      runtime.workers(),
      runtime.options().host_id,
      runtime.log());

  runtime.add("settings", [&] { return settings.run(); });
  runtime.add("session", [&] { return session.run(etcd::Session::AtStop::revoke); });
  runtime.add("database", [&] { return database.run(); });
  runtime.ready_when("database", [&] { return database.trouble(); });
  return runtime.run();
}

}  // namespace

int main() {
  return deis::component::run_daemon("database", 8002, serve);
}
