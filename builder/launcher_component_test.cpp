// The end of a push, and who may come in, with a real etcd between the builder and servers that do as they
// are told.

#include "builder/gate.h"
#include "builder/gate_messages.h"
#include "builder/launcher.h"
#include "core/base/error.h"
#include "core/etcd/etcd_fixture.h"
#include "core/json/json.h"
#include "core/net/co_test.h"
#include "core/net/http_server.h"

#include <boost/asio/this_coro.hpp>
#include <gmock/gmock.h>

#include <algorithm>
#include <deque>
#include <unistd.h>

namespace deis::builder {
namespace {

using namespace std::chrono_literals;
using net::Reply;

// A server that notes what it is asked ("DELETE /images/x") and answers what the test says.
class Double {
 public:
  using Answer = std::function<Task<Reply>(net::Request)>;
  Double(Executor executor, Answer answer)
      : answer_(std::move(answer)),
        server_(
            executor,
            net::Endpoint::tcp("127.0.0.1", 0),
            [this](net::Request request) { return take(std::move(request)); },
            Log::silent()) {}
  Task<> run() { return server_.run(); }
  net::Endpoint endpoint() const { return server_.endpoint(); }
  std::vector<std::string> asked;

  std::size_t count(const std::string& part) const {
    return static_cast<std::size_t>(std::count_if(
        asked.begin(), asked.end(), [&](const auto& line) { return line.find(part) != line.npos; }));
  }

 private:
  Task<Reply> take(net::Request request) {
    asked.push_back(request.method + " " + request.target);
    return answer_(std::move(request));
  }
  Answer answer_;
  net::HttpServer server_;
};

Task<> break_off(net::BodyWriter& out) {
  co_await out.write("{");
  throw Error(ErrorCode::unavailable, "the connection breaks");
}

Reply lost() {
  Reply reply;
  reply.stream = break_off;
  return reply;
}

const std::string kMade = R"({"app":"shop","release":{"version":2},"domains":["shop.example.com"]})";
const std::string kNone = R"({"app":"shop","release":null})";

class World {
 public:
  explicit World(Executor e)
      : executor(e),
        controller_server(e, [this](net::Request request) { return as_controller(std::move(request)); }),
        registry_server(e, [this](net::Request request) { return as_registry(std::move(request)); }),
        engine(e, [this](net::Request request) { return as_engine(std::move(request)); }),
        group(e) {}

  Task<> start(Launcher::Limits limits = Launcher::Limits()) {
    etcd = co_await etcd::EtcdFixture::start(executor);
    for (Double* server : {&controller_server, &registry_server, &engine}) group.spawn(server->run());
    controllers.emplace(executor, etcd->client(), "controller", Log::silent());
    registries.emplace(executor, etcd->client(), "registry", Log::silent());
    settings.emplace(executor, etcd->client(), "/deis/controller/", Log::silent());
    controller.emplace(executor, *controllers, *settings);
    registry.emplace(executor, *registries);
    docker.emplace(executor, engine.endpoint());
    attempts.emplace(workers, etcd->directory() / "attempts");
    launcher.emplace(executor, *docker, *controller, *registry, *attempts, Log::silent(), limits);
    group.spawn(controllers->run());
    group.spawn(registries->run());
    group.spawn(settings->run());
    group.spawn(launcher->run());
  }

  Task<> announce() {
    co_await etcd->client().put("/deis/controller/builderKey", "secret", etcd::soon());
    co_await announce("controller", controller_server.endpoint());
    co_await announce("registry", registry_server.endpoint());
    co_await controllers->wait(etcd::soon());
    co_await registries->wait(etcd::soon());
    auto key_is_known = [this] { return settings->find("builderKey").has_value(); };
    co_await net::eventually(std::move(key_is_known), "the builder's key");
  }

  static Attempt attempt() {
    return Attempt{
        .app = AppId::parse("shop"),
        .sha = std::string(40, 'a'),
        .image = Image{"localhost:5000/shop", "git-aaaaaaaa"},
        .launching = true};
  }

  Task<LaunchedRelease> launch() {
    NewBuild build{AppId::parse("shop"), UserName::parse("ann"), std::string(40, 'a'), {}, std::nullopt};
    co_await attempts->write(attempt());
    co_return co_await launcher->launch(attempt(), std::move(build), std::exchange(hold, nullptr));
  }

  // Goes on with what the builder before was killed in, to the end.
  Task<> take_over(Attempt left) {
    co_await attempts->write(left);
    const std::weak_ptr<void> held = hold;
    launcher->take_over(std::move(left), std::exchange(hold, nullptr));
    auto ended = [held] { return held.expired(); };
    co_await net::eventually(std::move(ended), "it is settled");
  }

  Task<bool> is_noted() {
    const std::vector<Attempt> noted = co_await attempts->all();
    co_return !noted.empty();
  }

  // The code of the failure, and its words.
  Task<std::string> failure() {
    std::string said = "no failure";
    try {
      co_await launch();
    } catch (const Error& error) {
      said = error.what();
    }
    co_return said;
  }

  bool image_is_removed() const {
    return engine.count("DELETE ") > 0 && registry_server.count("DELETE ") > 0;
  }
  bool image_stays() const { return engine.count("DELETE ") == 0 && registry_server.count("DELETE ") == 0; }

  Task<> stop() {
    group.cancel();
    co_await group.join();
  }

  Executor executor;
  Double controller_server, registry_server, engine;
  Reply release_answer = lost();
  std::function<Task<>()> before_release;  // what the controller waits for
  std::deque<Reply> what_became;           // of the commit; the last answer is repeated
  int delete_status = 202, head_status = 200;
  int images_in_use = 0;  // so many removals are refused
  std::shared_ptr<void> hold = std::make_shared<int>();

  std::unique_ptr<etcd::EtcdFixture> etcd;
  std::optional<component::Directory> controllers, registries;
  std::optional<component::Settings> settings;
  std::optional<ControllerClient> controller;
  std::optional<Registry> registry;
  std::optional<docker::Client> docker;
  net::WorkerPool workers{1};
  std::optional<Attempts> attempts;
  std::optional<Launcher> launcher;
  net::TaskGroup group;

 private:
  Task<> announce(std::string component, net::Endpoint endpoint) {
    co_await etcd->client().put(
        component::announce_key(component, "h1"), component::announce_value(endpoint), etcd::soon());
  }

  Task<Reply> as_controller(net::Request request) {
    if (request.path() == "/v1/hooks/key") co_return Reply::json(404, "{}");
    if (request.path() == "/v1/hooks/build") {
      if (before_release) co_await before_release();
      co_return release_answer;
    }
    const Reply answer = what_became.front();
    if (what_became.size() > 1) what_became.pop_front();
    co_return answer;
  }

  Task<Reply> as_registry(net::Request request) {
    if (request.method == "DELETE") co_return Reply::text(delete_status, "");
    Reply found = Reply::text(head_status, "");
    if (head_status == 200) found.headers.set("Docker-Content-Digest", "sha256:1");
    co_return found;
  }

  Task<Reply> as_engine(net::Request request) {
    Reply reply = Reply::json(200, "[]");
    if (request.method == "DELETE" && images_in_use > 0) {
      --images_in_use;
      reply = Reply::json(409, R"({"message":"image is being used by running container"})");
    }
    reply.headers.set("Api-Version", "1.41");
    co_return reply;
  }
};

CO_TEST(Launcher, AcceptsAReleaseWhoseAnswerWasLostButThatWasMade) {
  World world(co_await asio::this_coro::executor);
  co_await world.start();
  co_await world.announce();
  world.what_became = {
      Reply::json(503, "{}"), Reply::json(409, R"({"error":"busy"})"), Reply::json(200, kMade)};
  const LaunchedRelease launched = co_await world.launch();
  EXPECT_EQ(launched.version, 2);
  EXPECT_EQ(launched.domain, "shop.example.com");
  EXPECT_TRUE(world.image_stays());
  co_await world.stop();
}

CO_TEST(Launcher, RemovesTheImageWhenTheControllerSaysThatNoReleaseUsesIt) {
  World world(co_await asio::this_coro::executor);
  co_await world.start();
  co_await world.announce();
  world.what_became = {Reply::json(200, kNone)};
  const std::string lost_answer = co_await world.failure();
  EXPECT_THAT(lost_answer, testing::HasSubstr("did not answer"));
  EXPECT_TRUE(world.image_is_removed());
  co_await world.stop();
}

CO_TEST(Launcher, RemovesTheImageOfARefusedReleaseOfAnAppThatIsGone) {
  World world(co_await asio::this_coro::executor);
  co_await world.start();
  co_await world.announce();
  world.release_answer = Reply::json(503, R"({"detail":"it did not start"})");
  world.what_became = {Reply::json(404, R"({"app":"shop","detail":"Not found"})")};
  const std::string refused = co_await world.failure();
  EXPECT_EQ(refused, "it did not start");
  EXPECT_TRUE(world.image_is_removed());
  co_await world.stop();
}

CO_TEST(Launcher, KeepsTheImageWhenNobodyCanSayWhetherAReleaseUsesIt) {
  for (const char* answer : {R"({"app":"shop"})", "no JSON", R"({"app":"shop","release":{"version":2}})"}) {
    World world(co_await asio::this_coro::executor);
    Launcher::Limits limits;
    limits.doubt = 0s;
    co_await world.start(limits);
    co_await world.announce();
    world.what_became = {Reply::json(200, answer)};
    const std::string lost_answer = co_await world.failure();
    EXPECT_THAT(lost_answer, testing::HasSubstr("did not answer"));
    EXPECT_TRUE(world.image_stays()) << answer;
    const bool noted = co_await world.is_noted();
    EXPECT_TRUE(noted) << "the next builder shall ask again";
    co_await world.stop();
  }
}

CO_TEST(Launcher, BringsAReleaseToItsEndWhenThePusherIsGone) {
  World world(co_await asio::this_coro::executor);
  co_await world.start();
  co_await world.announce();
  net::Event go_on(world.executor);
  world.before_release = [&go_on]() -> Task<> { co_await go_on.wait(in(8s)); };
  world.release_answer = Reply::json(200, kMade);
  const std::weak_ptr<void> held = world.hold;
  net::TaskGroup pusher(world.executor);
  const auto push = [](World& here) -> Task<> { co_await here.launch(); };
  pusher.spawn(push(world));
  auto asked = [&world] { return world.controller_server.count("hooks/build") == 1; };
  co_await net::eventually(std::move(asked), "the release is asked for");
  pusher.cancel();
  co_await pusher.join();
  EXPECT_FALSE(held.expired()) << "another push could begin";
  go_on.notify();
  auto ended = [&held] { return held.expired(); };
  co_await net::eventually(std::move(ended), "the release has ended");
  EXPECT_TRUE(world.image_stays());
  co_await world.stop();
}

CO_TEST(Launcher, RemovesWhatABuilderWasKilledInBeforeItAskedForARelease) {
  World world(co_await asio::this_coro::executor);
  co_await world.start();
  co_await world.announce();
  Attempt left = World::attempt();
  left.launching = false;
  left.layers = {"bbbbbbbbbbbb", "aaaaaaaaaaaa"};
  co_await world.take_over(left);
  EXPECT_EQ(world.controller_server.count("hooks"), 0U);
  EXPECT_EQ(world.engine.count("aaaaaaaaaaaa"), 1U);
  EXPECT_EQ(world.engine.count("bbbbbbbbbbbb"), 1U);
  EXPECT_TRUE(world.image_is_removed());
  const bool noted = co_await world.is_noted();
  EXPECT_FALSE(noted);
  co_await world.stop();
}

CO_TEST(Launcher, RemovesALayerAsSoonAsTheContainerOfItsBuildIsGone) {
  World world(co_await asio::this_coro::executor);
  co_await world.start();
  co_await world.announce();
  world.images_in_use = 3;
  Attempt left = World::attempt();
  left.layers = {"aaaaaaaaaaaa"};
  co_await world.launcher->undo(std::move(left));
  EXPECT_EQ(world.engine.count("aaaaaaaaaaaa"), 4U);
  EXPECT_TRUE(world.image_is_removed());
  co_await world.stop();
}

CO_TEST(Launcher, KeepsTheReleaseWhoseBuilderWasKilled) {
  World world(co_await asio::this_coro::executor);
  co_await world.start();
  co_await world.announce();
  world.what_became = {Reply::json(200, kMade)};
  co_await world.take_over(World::attempt());
  EXPECT_TRUE(world.image_stays());
  const bool noted = co_await world.is_noted();
  EXPECT_FALSE(noted);
  co_await world.stop();
}

CO_TEST(Registry, TellsWhatItsServerDidNotDo) {
  World world(co_await asio::this_coro::executor);
  co_await world.start();
  co_await world.announce();
  const auto deletes = [](World& here) -> Task<bool> {
    bool told = false;
    try {
      co_await here.registry->delete_tag("shop", "git-aaaaaaaa", in(8s));
    } catch (const Error& error) {
      told = error.code() == ErrorCode::unavailable;
    }
    co_return !told;
  };
  for (const int good : {200, 202, 404}) {
    world.delete_status = good;
    const bool deleted = co_await deletes(world);
    EXPECT_TRUE(deleted) << good;
  }
  for (const int bad : {405, 500}) {
    world.delete_status = bad;
    const bool deleted = co_await deletes(world);
    EXPECT_FALSE(deleted) << bad;
  }
  world.head_status = 404;
  const bool absent = co_await deletes(world);
  EXPECT_TRUE(absent);
  world.head_status = 500;
  const bool unknown = co_await deletes(world);
  EXPECT_FALSE(unknown);
  co_await world.stop();
}

// The line for authorized_keys that sshd is given.
Task<std::string> key_line(World& world) {
  net::WorkerPool workers(1);
  const auto root = world.etcd->directory() / "repos";
  const Repositories::Account me{::geteuid(), ::getegid()};
  Repositories repositories(world.executor, workers, root, me);
  Pipeline pipeline(
      *world.docker,
      *world.controller,
      *world.registry,
      repositories,
      *world.launcher,
      *world.attempts,
      Log::silent(),
      Pipeline::Limits());
  Housekeeper housekeeper(world.executor, repositories, Log::silent());
  Gate gate(*world.controller, repositories, pipeline, housekeeper, Log::silent());
  net::Request request;
  request.target = "/authorized-key";
  request.body = json::to_string(KeyQuestion{"ssh-ed25519", "AAAAC3NzaC1lZDI1NTE5AAAAIJ0a"});
  const Reply reply = co_await gate.handle(std::move(request));
  co_return json::from<KeyAnswer>(json::parse(reply.body)).line;
}

CO_TEST(Gate, LetsInOnlyToTellTheReasonWhileTheControllerIsAway) {
  World world(co_await asio::this_coro::executor);
  co_await world.start();
  const std::string away = co_await key_line(world);
  EXPECT_EQ(away, "command=\"unavailable\",restrict ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0a");
  co_await world.announce();
  const std::string unknown = co_await key_line(world);
  EXPECT_EQ(unknown, "");
  co_await world.stop();
}

}  // namespace
}  // namespace deis::builder
