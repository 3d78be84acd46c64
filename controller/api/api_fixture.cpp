#include "controller/api/api_fixture.h"

#include "controller/api/response.h"
#include "controller/domain/wanted.h"
#include "controller/storage/migrations.h"
#include "core/base/random.h"
#include "core/json/json.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>

namespace deis::controller::api {
namespace {

constexpr std::chrono::seconds kLimit{60};

Task<std::unique_ptr<pg::PostgresFixture>> migrated_postgres(Executor executor) {
  auto server = co_await pg::PostgresFixture::start(executor);
  pg::Database database(executor, 1, Log::silent());
  database.set_address(server->address());
  co_await storage::migrate(database, Log::silent(), in(kLimit));
  co_return server;
}

// One migrated server for all tests of the program; each finds its tables empty.
class SharedPostgres {
 public:
  static pg::Address address() {
    static SharedPostgres shared;
    return shared.server_->address();
  }

 private:
  SharedPostgres() {
    auto started = [this](std::exception_ptr failure, std::unique_ptr<pg::PostgresFixture> server) {
      server_ = std::move(server);
      failure_ = failure;
      io_.stop();
    };
    asio::co_spawn(io_, migrated_postgres(io_.get_executor()), std::move(started));
    io_.run();
    if (failure_) std::rethrow_exception(failure_);
  }

  asio::io_context io_;
  std::unique_ptr<pg::PostgresFixture> server_;
  std::exception_ptr failure_;
};

// As TRUNCATE ... RESTART IDENTITY would, which makes every file of every table and index anew: that takes
// half a second. Without the triggers of foreign keys the tables need no order; `local` ends with the
// statement.
constexpr auto kEmptyAllTables = R"sql(
DO $$ DECLARE name text; BEGIN
  SET LOCAL session_replication_role = replica;
  FOR name IN SELECT quote_ident(tablename) FROM pg_tables
              WHERE schemaname = 'public' AND tablename <> 'schema_migrations' LOOP
    EXECUTE 'DELETE FROM ' || name;
  END LOOP;
  PERFORM setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)
    FROM pg_sequences WHERE last_value IS NOT NULL;
END $$)sql";

net::Endpoint any_port() {
  return net::Endpoint::tcp("127.0.0.1", 0);
}

}  // namespace

boost::json::value Answer::json() const {
  boost::system::error_code failed;
  auto value = boost::json::parse(body, failed);
  return failed ? boost::json::value() : value;
}

std::string Answer::text(std::string_view pointer) const {
  boost::system::error_code failed;
  const auto document = json();
  const auto* found = document.find_pointer(pointer, failed);
  if (failed || !found) return "";
  if (const auto* text = found->if_string()) return std::string(*text);
  return boost::json::serialize(*found);
}

ApiFixture::ApiFixture(Executor executor, net::HttpServer::Options http_options)
    : executor_(executor),
      http_options_(std::move(http_options)),
      data_(std::filesystem::temp_directory_path() / ("deis-keys-" + random_hex(8))),
      operations_(executor),
      app_log_([this](std::string_view line) { app_lines.emplace_back(line); }),
      group_(executor),
      server_group_(executor) {
  settings.builder_key = "builder-secret";
  logger_reply.status = 204;
  std::filesystem::create_directory(data_);
}

ApiFixture::~ApiFixture() {
  std::error_code ignored;
  std::filesystem::remove_all(data_, ignored);
}

Task<std::unique_ptr<ApiFixture>> ApiFixture::start(net::HttpServer::Options http_options) {
  const Executor executor = co_await asio::this_coro::executor;
  std::unique_ptr<ApiFixture> fixture(new ApiFixture(executor, std::move(http_options)));
  fixture->platform = co_await test::Platform::start(test::quick());
  co_await fixture->connect_database();
  fixture->start_servers();
  co_return fixture;
}

Task<> ApiFixture::connect_database() {
  database = std::make_unique<pg::Database>(executor_, 8, Log::silent());
  database->set_address(SharedPostgres::address());
  auto db = database->session(in(kLimit));
  co_await db.query(kEmptyAllTables, pg::Params());
  co_await open_vault();
}

Task<> ApiFixture::open_vault() {
  database->use_vault(vault);
  auto find_directory = [this]() -> Task<std::string> { co_return data_.string(); };
  keys = std::make_unique<KeyKeeper>(
      executor_, *database, vault, workers_, std::move(find_directory), Log::silent());
  co_await keys->open();
}

Task<std::vector<WantedApp>> ApiFixture::wanted() {
  const ReadWanted read = read_wanted(*context_);
  co_return co_await read();
}

Task<> ApiFixture::use_own_postgres() {
  postgres = co_await migrated_postgres(executor_);
  database->set_address(postgres->address());
  co_await open_vault();
}

void ApiFixture::start_servers() {
  auto log_handler = [this](net::Request request) { return answer_as_logger(std::move(request)); };
  logger_ = std::make_unique<net::HttpServer>(executor_, any_port(), log_handler, Log::silent());
  logs_ = std::make_unique<AppLogs>(executor_, [this]() -> std::optional<net::Endpoint> {
    if (!has_logger) return std::nullopt;
    return logger_->endpoint();
  });
  group_.spawn(logger_->run());
  group_.spawn(engine().watch([this](const JobChange& change) { feed_->job_changed(change); }));
  start_controller();
}

void ApiFixture::start_controller() {
  services.reset();
  attached_runs.reset();
  locks = std::make_unique<AppLocks>(executor_);
  events = std::make_unique<EventLog>(executor_);
  follow_containers();
  const Context context{
      .database = *database,
      .scheduler = platform->scheduler(),
      .etcd = platform->etcd(),
      .locks = *locks,
      .operations = operations_,
      .app_log = app_log_,
      .events = *events,
      .settings = settings,
      .log = Log::silent(),
      .patience = patience};
  context_ = std::make_unique<Context>(context);
  attached_runs = std::make_unique<AttachedRuns>(executor_, *context_);
  services = std::make_unique<Services>(context, *logs_, *attached_runs);
  reconciler = std::make_unique<Reconciler>(
      platform->scheduler(), platform->etcd(), read_wanted(*context_), shared_try_lock(*locks));
  reconciler->also_finish([this] { return services->apps.finish_destructions(); });
  auto find_services = [this] { return has_services ? services.get() : nullptr; };
  api_ = std::make_unique<ApiServer>(find_services, metrics_, Log::silent());
  auto handler = [this](net::Request request) { return api_->handle(std::move(request)); };
  server_ = std::make_unique<net::HttpServer>(executor_, any_port(), handler, Log::silent(), http_options_);
  client_ = std::make_unique<net::HttpClient>(executor_, server_->endpoint());
  server_group_.spawn(server_->run());
}

void ApiFixture::follow_containers() {
  feed_ = std::make_unique<ContainerFeed>(*events);
  const auto endpoint = [this](const JobName& job, const PublishedEndpoint* value) {
    feed_->endpoint_changed(job, value);
  };
  platform->scheduler().cluster().view.observe(endpoint);
}

Task<> ApiFixture::stop_server() {
  events->close();
  co_await attached_runs->stop();
  server_group_.cancel();
  co_await server_group_.join();
}

Task<> ApiFixture::kill_controller() {
  client_.reset();
  co_await operations_.stop();  // first: requests that wait for one would hold up the server's end
  co_await stop_server();
  co_await platform->kill_controller();
  start_controller();
}

Task<> ApiFixture::settle() {
  const Deadline deadline = in(kLimit);
  for (;;) {
    const bool settled = co_await reconciler->pass();
    if (settled && platform->scheduler().retiring().jobs().empty()) co_return;
    if (std::chrono::steady_clock::now() > deadline) throw Error(ErrorCode::timeout, "it does not settle");
    co_await net::sleep_for(std::chrono::milliseconds(10));
  }
}

Task<> ApiFixture::stop() {
  client_.reset();
  co_await stop_server();
  group_.cancel();
  co_await group_.join();
  co_await operations_.stop();
  co_await platform->stop();
}

Task<net::Reply> ApiFixture::answer_as_logger(net::Request request) {
  logger_requests.push_back(request.method + " " + request.target);
  if (before_logger_answers) co_await before_logger_answers();
  co_return logger_reply;
}

Task<Answer> ApiFixture::send(net::Request request) {
  net::Response response = co_await client_->send(std::move(request), in(kLimit));
  co_return Answer{
      .status = response.status,
      .reason = response.reason,
      .headers = response.headers,
      .body = std::move(response.body)};
}

Task<Answer> ApiFixture::send_briefly(net::Request request) {
  auto response = co_await client_->open(std::move(request), in(kLimit));
  const net::ResponseHead& head = response->head();
  Answer answer{.status = head.status, .reason = head.reason, .headers = head.headers, .body = ""};
  if (head.headers.get("Content-Type").starts_with("text/event-stream")) co_return answer;
  for (;;) {
    const std::string piece = co_await response->read(in(kLimit));
    if (piece.empty()) co_return answer;
    answer.body += piece;
  }
}

Task<Answer> ApiFixture::call(std::string method, std::string token, std::string path, std::string body) {
  net::Request request;
  request.method = std::move(method);
  request.target = std::move(path);
  request.body = std::move(body);
  request.headers.set("Content-Type", "application/json");
  if (!token.empty()) request.headers.set("Authorization", "token " + token);
  co_return co_await send(std::move(request));
}

Task<Answer> ApiFixture::hook(std::string name, std::string body, std::string builder_key) {
  net::Request request;
  request.method = "POST";
  request.target = "/v1/hooks/" + name;
  request.body = std::move(body);
  request.headers.set("Content-Type", "application/json");
  if (!builder_key.empty()) request.headers.set("X-Deis-Builder-Auth", builder_key);
  co_return co_await send(std::move(request));
}

Task<std::string> ApiFixture::user(std::string name) {
  const std::string account = R"({"username":")" + name + R"(","password":"secret","email":"a@example.com"})";
  const Answer registered = co_await post("", "/v1/auth/register/", account);
  EXPECT_EQ(registered.status, 201) << registered.body;
  const Answer login = co_await post("", "/v1/auth/login/", account);
  EXPECT_EQ(login.status, 200) << login.body;
  co_return login.text("/token");
}

Task<> ApiFixture::deployed_app(std::string token, std::string id) {
  const Answer made = co_await post(token, "/v1/apps/", R"({"id":")" + id + R"("})");
  EXPECT_EQ(made.status, 201) << made.body;
  const Answer built = co_await post(
      token,
      "/v1/apps/" + id + "/builds/",
      R"({"image":"shop","sha":"12345678abc","dockerfile":"true","procfile":{"web":"serve","worker":"work"}})");
  EXPECT_EQ(built.status, 201) << built.body;
}

net::HttpServer::Options default_http_options() {
  net::HttpServer::Options options;
  options.own_headers = version_headers();
  return options;
}

Task<> with_api(std::function<Task<>(ApiFixture&)> test, net::HttpServer::Options http_options) {
  auto fixture = co_await ApiFixture::start(std::move(http_options));
  std::exception_ptr failure;
  try {
    co_await test(*fixture);
  } catch (...) {
    failure = std::current_exception();
  }
  co_await fixture->stop();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace deis::controller::api
