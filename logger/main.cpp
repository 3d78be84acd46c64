// deis-logger: takes log lines in over TCP, keeps them per app, answers for `deis logs`.

#include "core/component/announcer.h"
#include "core/component/directory.h"
#include "core/component/runtime.h"
#include "core/component/settings.h"
#include "core/component/volume.h"
#include "core/json/json.h"
#include "logger/ingest.h"
#include "logger/query.h"

namespace deis::logger {
namespace {

using namespace std::chrono_literals;

net::Endpoint local(std::int64_t port) {
  return net::Endpoint::tcp("127.0.0.1", static_cast<std::uint16_t>(port));
}

Task<> serve(component::Runtime& runtime, component::Settings& settings, etcd::Session& session) {
  co_await settings.wait_synced();
  const component::Volume volume =
      co_await component::wait_for_volume(runtime.executor(), runtime.etcd(), "logger", Deadline::max());
  net::WorkerPool worker(1);
  LogStore store(volume.path);
  Ingest ingest(store, worker, runtime.metrics(), runtime.log());

  net::Listener listener(runtime.executor(), local(settings.get_int("port", 514, 1, 65535)));
  net::HttpServer::Handler handler = [&](net::Request request) {
    return answer_query(store, worker, std::move(request));
  };
  net::HttpServer server(
      runtime.executor(), local(settings.get_int("queryPort", 8088, 1, 65535)), handler, runtime.log());

  json::object value{{"address", boost::json::string(listener.endpoint().str())}};
  value["query"] = boost::json::string("http://127.0.0.1:" + std::to_string(server.endpoint().port));
  component::Announcer announcer(
      session,
      component::announce_key("logger", runtime.options().host_id),
      json::to_text(value),
      component::tcp_probe(listener.endpoint()),
      runtime.log());

  net::TaskGroup group(runtime.executor());
  group.spawn(listener.run(
      [&](std::unique_ptr<net::Stream> stream) { return ingest.serve(std::move(stream)); }, 256));
  group.spawn(server.run());
  group.spawn(announcer.run());
  co_await group.join();
}

int run(component::RuntimeOptions options) {
  component::Runtime runtime(options);
  component::Settings settings(runtime.executor(), runtime.etcd(), "/deis/logger/", runtime.log());
  etcd::Session session(runtime.executor(), runtime.etcd(), 10s, runtime.log());
  runtime.add("settings", [&] { return settings.run(); });
  runtime.add("session", [&] { return session.run(etcd::Session::AtStop::revoke); });
  runtime.add("logger", [&] { return serve(runtime, settings, session); });
  return runtime.run();
}

}  // namespace
}  // namespace deis::logger

int main() {
  return deis::component::run_daemon("logger", 8006, deis::logger::run);
}
