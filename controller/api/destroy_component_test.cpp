// The destruction of an app that does not come to its end at once: because something is away, or because the
// controller is killed. From the mark in PostgreSQL on the app is gone for everybody, nothing of it is made
// again, and it is finished by whoever comes next.

#include "controller/api/api_fixture.h"
#include "controller/storage/apps.h"

#include <gmock/gmock.h>

namespace deis::controller::api {
namespace {

using testing::Contains;
using testing::HasSubstr;

// Where a call waits until the controller that made it is dead.
struct Barrier {
  explicit Barrier(Executor executor) : opened(std::move(executor)) {}
  net::Event opened;
  bool is_open = false;
  int reached = 0;

  void open() {
    is_open = true;
    opened.notify();
  }
};
using SharedBarrier = std::shared_ptr<Barrier>;

Task<> wait_at(SharedBarrier barrier) {
  ++barrier->reached;
  while (!barrier->is_open) co_await barrier->opened.wait(Deadline::max());
}

Task<> go_on() {
  co_return;
}

// Holds up calls of this name, but for the first `before`.
std::function<Task<>(std::string_view)> hold_up(SharedBarrier barrier, std::string call, int before) {
  auto seen = std::make_shared<int>(0);
  return [barrier, call = std::move(call), before, seen](std::string_view now) {
    if (now == call && ++*seen > before) return wait_at(barrier);
    return go_on();
  };
}

using SetBarrier = std::function<void(ApiFixture&, SharedBarrier)>;

SetBarrier at_engine(std::string call, int before = 0) {
  return [call = std::move(call), before](ApiFixture& api, SharedBarrier barrier) {
    api.engine().before_calls(hold_up(std::move(barrier), call, before));
  };
}

SetBarrier at_registry(std::string method) {
  return [method = std::move(method)](ApiFixture& api, SharedBarrier barrier) {
    api.platform->registry.before_answers(hold_up(std::move(barrier), method, 0));
  };
}

SetBarrier at_logger() {
  return [](ApiFixture& api, SharedBarrier barrier) {
    api.before_logger_answers = [barrier] { return wait_at(barrier); };
  };
}

void remove_barriers(ApiFixture& api) {
  api.engine().before_calls({});
  api.platform->registry.before_answers({});
  api.before_logger_answers = {};
}

Task<> ask_to_destroy(ApiFixture& api, std::string token) {
  co_await api.del(token, "/v1/apps/shop/");
}

// Something else than the destruction may have come to the barrier.
Task<> until_unrouted(ApiFixture& api) {
  for (std::string route = "?"; !route.empty();) route = co_await api.platform->route("shop");
}

// The client gives up, then the controller is killed.
Task<> kill_in_destruction(ApiFixture& api, std::string token, SetBarrier set_barrier) {
  const auto executor = co_await asio::this_coro::executor;
  const auto barrier = std::make_shared<Barrier>(executor);
  set_barrier(api, barrier);
  net::TaskGroup client(executor);
  client.spawn(ask_to_destroy(api, token));
  const auto is_reached = [barrier] { return barrier->reached > 0; };
  co_await net::eventually(is_reached, "the step to be reached");
  co_await until_unrouted(api);
  client.cancel();
  try {
    co_await client.join();
  } catch (const std::exception&) {  // that it was given up
  }
  co_await api.kill_controller();
  remove_barriers(api);
  barrier->open();
}

Task<> deploy_shop(ApiFixture& api, std::string token) {
  co_await api.deployed_app(token, "shop");
  const Answer scaled = co_await api.post(token, "/v1/apps/shop/scale/", R"({"web":2})");
  EXPECT_EQ(scaled.status, 204) << scaled.body;
  const Answer domain = co_await api.post(token, "/v1/apps/shop/domains/", R"({"domain":"a.example.com"})");
  EXPECT_EQ(domain.status, 201) << domain.body;
  api.platform->registry.push("shop", "git-1");
  api.logger_requests.clear();
}

Task<std::optional<App>> row_of_shop(ApiFixture& api) {
  auto db = api.database->session(in(std::chrono::seconds(10)));
  co_return co_await storage::find_app(db, "shop", storage::Find::destroying_too);
}

Task<> expect_gone_for_users(ApiFixture& api, std::string token, const std::string& when) {
  for (const std::string path : {"", "/containers/", "/config/", "/releases/", "/logs", "/events"}) {
    const Answer shown = co_await api.get(token, "/v1/apps/shop" + path);
    EXPECT_EQ(shown.status, 404) << when << path;
  }
  const Answer list = co_await api.get(token, "/v1/apps/");
  EXPECT_EQ(list.count(), 0) << when;
  const auto wanted = co_await api.wanted();
  EXPECT_TRUE(wanted.empty()) << when;
}

Task<> expect_nothing_left(ApiFixture& api, const std::string& when) {
  EXPECT_TRUE(api.platform->jobs().empty()) << when;
  const std::string route = co_await api.platform->route("shop");
  EXPECT_EQ(route, "") << when;
  const auto domains = co_await api.platform->etcd().list("/deis/domains/", in(std::chrono::seconds(5)));
  EXPECT_TRUE(domains.entries.empty()) << when;
  EXPECT_FALSE(api.platform->registry.has("shop")) << when;
  EXPECT_THAT(api.logger_requests, Contains("DELETE /shop")) << when;
  const auto row = co_await row_of_shop(api);
  EXPECT_FALSE(row.has_value()) << when;
}

// Notes when a container is made.
void watch_creations(ApiFixture& api, std::shared_ptr<int> creations) {
  api.engine().before_calls([creations](std::string_view call) {
    if (call == "create") ++*creations;
    return go_on();
  });
}

// Every step of a destruction, in its order.
const std::vector<std::pair<std::string, SetBarrier>>& steps() {
  static const std::vector<std::pair<std::string, SetBarrier>> all{
      {"when the route is gone", at_engine("status")},
      {"when one of the containers is gone", at_engine("remove", 1)},
      {"when the containers are gone", at_engine("remove_app_images")},
      {"when the local images are gone", at_registry("GET")},
      {"before the images of the registry go", at_registry("DELETE")},
      {"when the images are gone", at_logger()},
  };
  return all;
}

API_TEST(KilledWhileDestroying, IsFinishedByTheReconcilerWhateverTheStep) {
  const std::string ann = co_await api.user("ann");
  for (const auto& [when, set_barrier] : steps()) {
    co_await deploy_shop(api, ann);
    co_await kill_in_destruction(api, ann, set_barrier);
    co_await expect_gone_for_users(api, ann, when);
    const auto creations = std::make_shared<int>(0);
    watch_creations(api, creations);
    co_await api.settle();
    EXPECT_EQ(*creations, 0) << when;
    co_await expect_nothing_left(api, when);
    remove_barriers(api);
  }
}

API_TEST(KilledWhileDestroying, IsFinishedByWhoeverRepeatsIt) {
  const std::string ann = co_await api.user("ann");
  for (const auto& [when, set_barrier] : steps()) {
    co_await deploy_shop(api, ann);
    co_await kill_in_destruction(api, ann, set_barrier);
    const Answer again = co_await api.del(ann, "/v1/apps/shop/");
    EXPECT_EQ(again.status, 204) << when << " " << again.body;
    co_await expect_nothing_left(api, when);
  }
}

API_TEST(KilledWhileDestroying, RightAfterTheMarkLosesNothingOfTheDestruction) {
  const std::string ann = co_await api.user("ann");
  co_await deploy_shop(api, ann);
  const auto row = co_await row_of_shop(api);
  CO_ASSERT_TRUE(row.has_value());
  auto db = api.database->session(in(std::chrono::seconds(10)));
  const bool marked = co_await storage::mark_destroying(db, *row);
  EXPECT_TRUE(marked);
  co_await api.kill_controller();
  co_await expect_gone_for_users(api, ann, "marked");
  EXPECT_EQ(api.platform->jobs().size(), 2u);
  co_await api.settle();
  co_await expect_nothing_left(api, "marked");
}

API_TEST(Destroying, AnAppThatIsNotWhollyGoneKeepsItsNameAndIs404ForAllElse) {
  const std::string ann = co_await api.user("ann"), bob = co_await api.user("bob");
  co_await deploy_shop(api, ann);
  api.platform->registry.answer("GET", 500);
  const Answer failed = co_await api.del(ann, "/v1/apps/shop/");
  EXPECT_EQ(failed.status, 503) << failed.body;
  co_await expect_gone_for_users(api, ann, "the registry is away");
  const Answer config = co_await api.post(ann, "/v1/apps/shop/config/", R"({"values":{"A":"1"}})");
  EXPECT_EQ(config.status, 404) << config.body;
  const Answer push =
      co_await api.hook("build", R"({"receive_user":"ann","receive_repo":"shop","image":"x"})");
  EXPECT_EQ(push.status, 404) << push.body;
  const Answer stranger = co_await api.del(bob, "/v1/apps/shop/");
  EXPECT_EQ(stranger.status, 403) << stranger.body;
  const Answer taken = co_await api.post(bob, "/v1/apps/", R"({"id":"shop"})");
  EXPECT_EQ(taken.status, 409) << taken.body;
  EXPECT_THAT(taken.text("/detail"), HasSubstr("shop is being destroyed"));

  api.platform->registry.answer("GET", 0);
  const Answer done = co_await api.del(ann, "/v1/apps/shop/");
  EXPECT_EQ(done.status, 204) << done.body;
  co_await expect_nothing_left(api, "the registry is back");
  const Answer over = co_await api.del(ann, "/v1/apps/shop/");
  EXPECT_EQ(over.status, 404) << over.body;
  const Answer made = co_await api.post(bob, "/v1/apps/", R"({"id":"shop"})");
  EXPECT_EQ(made.status, 201) << made.body;
}

API_TEST(Destroying, TwiceAtOnceNeverTakesTheNextAppOfThatName) {
  const std::string ann = co_await api.user("ann");
  co_await deploy_shop(api, ann);
  const auto first = co_await row_of_shop(api);
  CO_ASSERT_TRUE(first.has_value());
  const Answer done = co_await api.del(ann, "/v1/apps/shop/");
  EXPECT_EQ(done.status, 204);
  co_await api.deployed_app(ann, "shop");
  // A request that found the first one and waited for its lock.
  co_await api.services->apps.destroy(*first, Cause());
  const Answer second = co_await api.get(ann, "/v1/apps/shop/");
  EXPECT_EQ(second.status, 200) << second.body;
  EXPECT_EQ(api.platform->jobs().size(), 1u);
}

API_TEST(Destroying, IsNotBegunWithoutTheMark) {
  const std::string ann = co_await api.user("ann");
  co_await deploy_shop(api, ann);
  const bool none_left = co_await api.services->apps.finish_destructions();
  EXPECT_TRUE(none_left);
  auto db = api.database->session(in(std::chrono::seconds(10)));
  co_await storage::delete_app(db, "shop");
  const Answer shown = co_await api.get(ann, "/v1/apps/shop/");
  EXPECT_EQ(shown.status, 200);
  EXPECT_EQ(api.platform->jobs().size(), 2u);
}

}  // namespace
}  // namespace deis::controller::api
