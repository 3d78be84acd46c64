#pragma once
// For component tests: the whole controller over HTTP, on a real PostgreSQL and a real etcd, with containers
// in memory and stand-ins for publisher, router and logger.

#include "controller/api/server.h"
#include "controller/domain/key_keeper.h"
#include "controller/domain/services.h"
#include "controller/events/container_feed.h"
#include "controller/scheduler/platform_fixture.h"
#include "controller/storage/postgres_fixture.h"
#include "core/net/co_test.h"
#include "core/net/http_client.h"

#include <boost/json.hpp>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace deis::controller::api {

struct Answer {
  int status = 0;
  std::string reason;
  net::Headers headers;
  std::string body;

  boost::json::value json() const;                   // null when it is not JSON
  std::string text(std::string_view pointer) const;  // "/results/0/id"; scalars as text, "" when absent
  std::int64_t count() const { return json().at("count").as_int64(); }
};

class ApiFixture {
 public:
  static Task<std::unique_ptr<ApiFixture>> start(net::HttpServer::Options http_options);
  Task<> stop();
  Task<> stop_server();  // as the controller does at its end
  // As when the controller is killed, wherever it is, and another one started. Requests must have been given
  // up.
  Task<> kill_controller();
  ~ApiFixture();

  net::HttpClient& client() { return *client_; }
  Task<Answer> send(net::Request request);
  // As send(), but of an answer that never ends (text/event-stream) only the head.
  Task<Answer> send_briefly(net::Request request);
  // `token` "" sends no credentials; `body` "" sends none.
  Task<Answer> call(std::string method, std::string token, std::string path, std::string body = "");
  Task<Answer> get(std::string token, std::string path) { return call("GET", token, path); }
  Task<Answer> post(std::string token, std::string path, std::string body = "") {
    return call("POST", token, path, body);
  }
  Task<Answer> del(std::string token, std::string path, std::string body = "") {
    return call("DELETE", token, path, body);
  }
  Task<Answer> hook(std::string name, std::string body, std::string builder_key = "builder-secret");

  // Registers and logs in; the first is the administrator. Password is "secret".
  Task<std::string> user(std::string name);
  // An app of `token` with one web container on release 2, pushed with a Procfile of web and worker.
  Task<> deployed_app(std::string token, std::string id);

  // What PostgreSQL wants, as the reconciler reads it.
  Task<std::vector<WantedApp>> wanted();
  Task<> settle();  // reconciles until nothing differs

  // For tests that stop the server: an empty one that nobody else uses, as `postgres`.
  Task<> use_own_postgres();

  net::Endpoint endpoint() const { return server_->endpoint(); }  // for raw bytes
  JobName job(const std::string& name) const { return JobName::parse(name); }
  MemoryEngine& engine() { return platform->engine; }
  const std::filesystem::path& data() const { return data_; }  // the controller's volume
  net::WorkerPool& workers() { return workers_; }
  Context& context() { return *context_; }

  std::unique_ptr<test::Platform> platform;
  std::unique_ptr<pg::PostgresFixture> postgres;
  Vault vault;
  std::unique_ptr<pg::Database> database;
  std::unique_ptr<KeyKeeper> keys;
  PlatformSettings settings;
  Patience patience;                   // for tests that are about its end
  std::vector<std::string> app_lines;  // what the log collector would see
  bool has_services = true;            // false: as before the database was reached
  net::Reply logger_reply;             // what the logger answers
  std::vector<std::string> logger_requests;
  bool has_logger = true;
  std::function<Task<>()> before_logger_answers;
  std::unique_ptr<Services> services;
  std::unique_ptr<AppLocks> locks;
  std::unique_ptr<EventLog> events;
  std::unique_ptr<AttachedRuns> attached_runs;
  std::unique_ptr<Reconciler> reconciler;

 private:
  ApiFixture(Executor executor, net::HttpServer::Options http_options);
  Task<> connect_database();
  Task<> open_vault();
  void start_servers();
  void start_controller();
  void follow_containers();
  Task<net::Reply> answer_as_logger(net::Request request);

  Executor executor_;
  net::HttpServer::Options http_options_;
  std::filesystem::path data_;
  net::WorkerPool workers_{1};
  Operations operations_;
  AppLog app_log_;
  component::Metrics metrics_;
  std::unique_ptr<AppLogs> logs_;
  std::unique_ptr<ContainerFeed> feed_;
  std::unique_ptr<Context> context_;
  std::unique_ptr<ApiServer> api_;
  std::unique_ptr<net::HttpServer> server_, logger_;
  std::unique_ptr<net::HttpClient> client_;
  net::TaskGroup group_, server_group_;
};

// What the controller gives to its server.
net::HttpServer::Options default_http_options();

Task<> with_api(
    std::function<Task<>(ApiFixture&)> test, net::HttpServer::Options http_options = default_http_options());

}  // namespace deis::controller::api

#define API_TEST(Suite, Name)                                                                               \
  static ::deis::Task<> Suite##_##Name##_body(::deis::controller::api::ApiFixture& api);                    \
  TEST(Suite, Name) {                                                                                       \
    const std::function<::deis::Task<>(::deis::controller::api::ApiFixture&)> body = Suite##_##Name##_body; \
    ::deis::net::run_test_task(::deis::controller::api::with_api(body), std::chrono::minutes(5));           \
  }                                                                                                         \
  static ::deis::Task<> Suite##_##Name##_body(::deis::controller::api::ApiFixture& api)
