// Certificates that the platform gets by itself: from pebble, a real authority, with dehydrated. In the place
// of the router stands a server that answers challenges from etcd, and the platform's router that
// acknowledges.

#include "controller/acme/pebble_fixture.h"
#include "controller/api/api_fixture.h"
#include "controller/domain/auto_cert_keeper.h"
#include "controller/domain/certificate_fixture.h"
#include "controller/scheduler/routers.h"
#include "core/base/random.h"
#include "core/json/json.h"

#include <boost/asio/this_coro.hpp>
#include <gmock/gmock.h>

namespace deis::controller::api {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr auto kDomain = "www.example.com";
constexpr auto kDump =
    "SELECT coalesce(string_agg(t::text, E'\\n'), '') FROM (SELECT c::text FROM certs c UNION ALL SELECT "
    "a::text FROM acme_accounts a) t";
constexpr auto kOrders = "SELECT count(*) FROM acme_orders";
constexpr auto kThreeMoreOrders =
    "INSERT INTO acme_orders (domain, begun, outcome) SELECT domain, begun, outcome FROM "
    "(SELECT * FROM acme_orders ORDER BY id LIMIT 1) o, generate_series(1, 3)";
constexpr auto kOutcomes = "SELECT string_agg(outcome, ' ' ORDER BY id) FROM acme_orders";

// Answers /.well-known/acme-challenge/<token> as a router does that has applied everything.
class Visitor {
 public:
  Visitor(Executor executor, etcd::Client& etcd, std::uint16_t port)
      : etcd_(etcd),
        server_(
            executor,
            net::Endpoint::tcp("127.0.0.1", port),
            [this](net::Request request) { return answer(std::move(request)); },
            Log::silent()) {}

  Task<> run() { return server_.run(); }
  bool lies = false;          // to the authority, not to the pre-flight
  bool is_elsewhere = false;  // the domain leads to somebody else
  std::vector<std::string> hosts;

 private:
  Task<net::Reply> answer(net::Request request) {
    const std::string token(request.path().substr(request.path().rfind('/') + 1));
    const auto entry = co_await etcd_.get("/deis/acme/" + token, in(5s));
    hosts.push_back(request.headers.get("Host"));
    if (!entry || is_elsewhere) co_return net::Reply::text(404, "not here");
    if (lies && !token.starts_with("deis-probe-")) co_return net::Reply::text(200, "something else");
    const auto value = json::parse(entry->value);
    co_return net::Reply::text(200, std::string(value.at("answer").as_string()));
  }

  etcd::Client& etcd_;
  net::HttpServer server_;
};

// An app with a domain, an authority, and what sees to certificates.
struct Scene {
  Scene(ApiFixture& fixture, Executor executor, std::unique_ptr<test::PebbleFixture> authority)
      : api(fixture),
        pebble(std::move(authority)),
        visitor(executor, fixture.platform->etcd(), pebble->http_port()),
        runs(std::filesystem::temp_directory_path() / ("deis-acme-" + random_hex(8))),
        group(executor) {
    group.spawn(visitor.run());
    api.settings.acme.agreed = true;
    api.settings.acme.directory = pebble->directory();
    api.settings.acme.roots = pebble->roots();
    api.settings.acme.email = "ops@example.com";
    api.settings.acme.probe_address = "127.0.0.1:" + std::to_string(pebble->http_port());
  }

  std::unique_ptr<AutoCertKeeper> keeper(acme::WaitForRouters wait = {}) {
    if (!wait) {
      wait = [this](etcd::Revision revision) {
        return wait_for_routers(api.platform->scheduler().cluster(), revision);
      };
    }
    acme::Client::Options client;
    client.hook = DEIS_CONTROLLER;
    client.runs = runs;
    return std::make_unique<AutoCertKeeper>(
        group_executor(),
        AutoCertKeeper::Parts{
            .context = api.context(),
            .workers = api.workers(),
            .client = client,
            .wait_for_routers = std::move(wait),
            .look_up = acme::system_look_up(api.workers()),
            .now = [this] { return std::chrono::system_clock::now() + ahead; }});
  }
  Executor group_executor() { return executor; }

  Task<> stop() {
    group.cancel();
    co_await group.join();
    std::filesystem::remove_all(runs);
  }

  ApiFixture& api;
  std::unique_ptr<test::PebbleFixture> pebble;
  Visitor visitor;
  std::filesystem::path runs;
  std::chrono::system_clock::duration ahead{0};  // of the real time
  std::string bob;                               // token
  Executor executor;
  net::TaskGroup group;
};

Task<std::unique_ptr<Scene>> set_up(ApiFixture& api) {
  const Executor executor = co_await asio::this_coro::executor;
  auto pebble = co_await test::PebbleFixture::start(executor);
  auto scene = std::make_unique<Scene>(api, executor, std::move(pebble));
  scene->executor = executor;
  co_await api.user("ann");
  scene->bob = co_await api.user("bob");
  co_await api.post(scene->bob, "/v1/apps/", R"({"id":"shop"})");
  co_await api.post(scene->bob, "/v1/apps/shop/domains/", R"({"domain":"WWW.example.com"})");
  co_return scene;
}

Task<Answer> ask(Scene& scene) {
  return scene.api.post(scene.bob, "/v1/apps/shop/certs/auto/", R"({"domain":"www.example.com"})");
}

// The one that is wanted.
Task<Answer> state(Scene& scene) {
  return scene.api.get(scene.bob, "/v1/apps/shop/certs/auto/");
}

Task<std::string> published(Scene& scene) {
  const auto entry = co_await scene.api.platform->etcd().get("/deis/certs/www.example.com", in(5s));
  co_return entry ? entry->value : "";
}

Task<std::int64_t> orders(Scene& scene) {
  auto db = scene.api.database->session(in(5s));
  const pg::Result count = co_await db.query(kOrders, pg::Params());
  co_return count[0].get<std::int64_t>(0);
}

Task<std::string> outcomes_of_orders(Scene& scene) {
  auto db = scene.api.database->session(in(5s));
  const pg::Result rows = co_await db.query(kOutcomes, pg::Params());
  co_return rows[0].get<std::string>(0);
}

Task<> expect_nothing_left(Scene& scene) {
  EXPECT_TRUE(std::filesystem::is_empty(scene.runs)) << "a private directory";
  const auto keys = co_await scene.api.platform->etcd().list("/deis/acme/", in(5s));
  EXPECT_TRUE(keys.entries.empty());
}

Task<> hang(net::Event& event) {
  co_await event.wait(Deadline::max());
}

Task<> live(AutoCertKeeper& keeper) {
  co_await keeper.step();
}

API_TEST(AutoCerts, AreIssuedPublishedAndShown) {
  const auto scene = co_await set_up(api);
  const Answer asked = co_await ask(*scene);
  EXPECT_EQ(asked.status, 201) << asked.body;
  EXPECT_EQ(asked.text("/state"), "waiting");
  const auto keeper = scene->keeper();
  const bool saw_to_it = co_await keeper->step();
  EXPECT_TRUE(saw_to_it);
  const Answer after = co_await state(*scene);
  EXPECT_EQ(after.text("/results/0/state"), "issued") << after.body;
  const Answer cert = co_await api.get(scene->bob, "/v1/certs/www.example.com");
  EXPECT_EQ(cert.text("/owner"), "bob") << cert.body;
  EXPECT_EQ(cert.text("/automatic/app"), "shop") << cert.body;
  const std::string entry = co_await published(*scene);
  CO_ASSERT_TRUE(!entry.empty());
  const auto value = json::parse(entry);
  EXPECT_THAT(std::string(value.at("certificate").as_string()), HasSubstr("BEGIN CERTIFICATE"));
  const std::string key(value.at("key").as_string());
  EXPECT_THAT(key, HasSubstr("BEGIN PRIVATE KEY"));
  auto db = api.database->session(in(5s));
  const pg::Result rows = co_await db.query(kDump, pg::Params());
  EXPECT_THAT(rows[0].get<std::string>(0), testing::Not(HasSubstr("PRIVATE KEY")));
  co_await expect_nothing_left(*scene);
  const bool more = co_await keeper->step();
  EXPECT_FALSE(more);
  co_await scene->stop();
}

API_TEST(AutoCerts, AreRenewedWhenTwoThirdsOfTheirLifeAreOver) {
  const auto scene = co_await set_up(api);
  co_await ask(*scene);
  const auto keeper = scene->keeper();
  co_await keeper->step();
  const std::string first = co_await published(*scene);
  scene->ahead = 3 * 365 * 24h;  // pebble's live for five years
  bool due = co_await keeper->step();
  EXPECT_FALSE(due);
  scene->ahead = 4 * 365 * 24h;
  due = co_await keeper->step();
  EXPECT_TRUE(due);
  const std::string second = co_await published(*scene);
  EXPECT_NE(first, second);
  const Answer after = co_await state(*scene);
  EXPECT_EQ(after.text("/results/0/state"), "issued") << after.body;
  const Answer certs = co_await api.get(scene->bob, "/v1/certs/");
  EXPECT_EQ(certs.count(), 1);
  co_await scene->stop();
}

API_TEST(AutoCerts, StayWhenTheAuthorityIsAwayAndAreRenewedWhenItIsBack) {
  const auto scene = co_await set_up(api);
  co_await ask(*scene);
  const auto keeper = scene->keeper();
  co_await keeper->step();
  const std::string first = co_await published(*scene);
  scene->pebble->kill();
  scene->ahead = 4 * 365 * 24h;
  co_await keeper->step();
  const Answer away = co_await state(*scene);
  EXPECT_EQ(away.text("/results/0/state"), "failing") << away.body;
  EXPECT_THAT(away.text("/results/0/last_error"), HasSubstr("cannot be reached"));
  EXPECT_EQ(co_await published(*scene), first);
  const bool at_once = co_await keeper->step();
  EXPECT_FALSE(at_once) << "it backs off";
  co_await scene->pebble->restart();
  scene->ahead += 1min;
  co_await keeper->step();
  const Answer back = co_await state(*scene);
  EXPECT_EQ(back.text("/results/0/state"), "issued") << back.body;
  EXPECT_NE(co_await published(*scene), first);
  co_await scene->stop();
}

API_TEST(AutoCerts, ThatAreNotValidatedBackOffInHoursAndFiveTimesAnHourAtMost) {
  const auto scene = co_await set_up(api);
  scene->visitor.lies = true;
  const auto keeper = scene->keeper();
  for (int i = 0; i < 2; ++i) {
    co_await ask(*scene);
    const bool due = co_await keeper->step();
    EXPECT_TRUE(due) << i << ": who asks again is heard";
  }
  const Answer failing = co_await state(*scene);
  EXPECT_EQ(failing.text("/results/0/failures"), "2") << failing.body;
  EXPECT_THAT(failing.text("/results/0/last_error"), HasSubstr("unauthorized"));
  const std::string outcomes = co_await outcomes_of_orders(*scene);
  EXPECT_EQ(outcomes, "invalid invalid");
  // Three more like what the first left behind: to run one costs the client program hundreds of processes.
  auto db = api.database->session(in(5s));
  co_await db.query(kThreeMoreOrders, pg::Params());
  EXPECT_EQ(co_await orders(*scene), 5);
  scene->ahead = 30min;
  bool due = co_await keeper->step();
  EXPECT_FALSE(due);
  co_await ask(*scene);
  co_await keeper->step();
  EXPECT_EQ(co_await orders(*scene), 5);
  const Answer held = co_await state(*scene);
  EXPECT_THAT(held.text("/results/0/last_error"), HasSubstr("held back"));
  scene->visitor.lies = false;
  scene->ahead = 62min;
  due = co_await keeper->step();
  EXPECT_TRUE(due);
  const Answer after = co_await state(*scene);
  EXPECT_EQ(after.text("/results/0/state"), "issued") << after.body;
  co_await expect_nothing_left(*scene);
  co_await scene->stop();
}

API_TEST(AutoCerts, AreNotOrderedWhileTheDomainLeadsElsewhere) {
  const auto scene = co_await set_up(api);
  scene->visitor.is_elsewhere = true;
  co_await ask(*scene);
  const auto keeper = scene->keeper();
  co_await keeper->step();
  const Answer elsewhere = co_await state(*scene);
  EXPECT_THAT(elsewhere.text("/results/0/last_error"), HasSubstr("is not this platform: it answered 404"));
  EXPECT_EQ(scene->visitor.hosts.back(), kDomain);
  api.settings.acme.probe_address = "";
  scene->ahead = 2min;
  co_await api.post(scene->bob, "/v1/apps/shop/domains/", R"({"domain":"nowhere.invalid"})");
  co_await api.del(scene->bob, "/v1/apps/shop/certs/auto/www.example.com");
  co_await api.post(scene->bob, "/v1/apps/shop/certs/auto/", R"({"domain":"nowhere.invalid"})");
  co_await keeper->step();
  const Answer nowhere = co_await state(*scene);
  EXPECT_THAT(nowhere.text("/results/0/last_error"), HasSubstr("does not resolve")) << nowhere.body;
  EXPECT_EQ(co_await orders(*scene), 0);
  co_await scene->stop();
}

API_TEST(AutoCerts, AreOrderedAgainWhenTheControllerDiedInTheMiddle) {
  const auto scene = co_await set_up(api);
  co_await ask(*scene);
  net::Event never(scene->executor), reached(scene->executor);
  int publications = 0;
  const auto wait = [&](etcd::Revision revision) {
    if (++publications == 1) return wait_for_routers(api.platform->scheduler().cluster(), revision);
    reached.notify();
    return hang(never);
  };
  const auto dying = scene->keeper(wait);
  net::TaskGroup doomed(scene->executor);
  doomed.spawn(live(*dying));
  co_await reached.wait(in(4min));
  const Answer meanwhile = co_await state(*scene);
  EXPECT_EQ(meanwhile.text("/results/0/state"), "ordering") << meanwhile.body;
  const auto next = scene->keeper();
  const bool both = co_await next->step();
  EXPECT_FALSE(both) << "one controller does it at a time";
  doomed.cancel();
  co_await doomed.join();
  bool due = false;
  // PostgreSQL notices in its own time that the connection is gone.
  const Deadline deadline = in(4min);
  while (!due && std::chrono::steady_clock::now() < deadline) {
    due = co_await next->step();
    if (!due) co_await net::sleep_for(20ms);
  }
  const Answer after = co_await state(*scene);
  EXPECT_EQ(after.text("/results/0/state"), "issued") << after.body;
  EXPECT_EQ(co_await orders(*scene), 2);
  co_await scene->stop();
}

API_TEST(AutoCerts, AreForDomainsOfTheAppThatNobodyElseHasACertificateFor) {
  const auto scene = co_await set_up(api);
  const Answer foreign =
      co_await api.post(scene->bob, "/v1/apps/shop/certs/auto/", R"({"domain":"other.example.com"})");
  EXPECT_EQ(foreign.status, 400);
  EXPECT_THAT(foreign.text("/domain/0"), HasSubstr("deis domains:add other.example.com -a shop"));
  const std::string eve = co_await api.user("eve");
  const test::MadeCertificate made(test::CertificateSpec{.common_name = "early.example.com"});
  json::object body;
  body["certificate"] = made.certificate();
  body["key"] = made.key();
  co_await api.post(eve, "/v1/certs/", json::to_text(body));
  const std::string early = R"({"domain":"early.example.com"})";
  co_await api.post(scene->bob, "/v1/apps/shop/domains/", early);  // later than the certificate
  const Answer taken = co_await api.post(scene->bob, "/v1/apps/shop/certs/auto/", early);
  EXPECT_EQ(taken.status, 409);
  EXPECT_EQ(taken.text("/detail"), "Another user has a certificate for early.example.com.") << taken.body;
  api.settings.acme.agreed = false;
  const Answer not_agreed = co_await ask(*scene);
  EXPECT_EQ(not_agreed.status, 409);
  EXPECT_THAT(not_agreed.body, HasSubstr("acme/agreeToTerms=true"));
  co_await scene->stop();
}

API_TEST(AutoCerts, EndWithTheDomainTheCertificateOrWhenToldTo) {
  const auto scene = co_await set_up(api);
  co_await ask(*scene);
  const auto keeper = scene->keeper();
  co_await keeper->step();
  const Answer off = co_await api.del(scene->bob, "/v1/apps/shop/certs/auto/WWW.example.com");
  EXPECT_EQ(off.status, 204) << off.body;
  const Answer again = co_await api.del(scene->bob, "/v1/apps/shop/certs/auto/www.example.com");
  EXPECT_EQ(again.status, 404);
  const Answer kept = co_await api.get(scene->bob, "/v1/certs/www.example.com");
  EXPECT_EQ(kept.status, 200) << "the certificate stays";
  EXPECT_EQ(kept.json().as_object().size(), 6U) << kept.body;
  co_await ask(*scene);
  co_await api.del(scene->bob, "/v1/certs/www.example.com");
  const Answer removed = co_await state(*scene);
  EXPECT_EQ(removed.count(), 0) << removed.body;
  co_await ask(*scene);
  co_await api.del(scene->bob, "/v1/apps/shop/domains/WWW.example.com");
  const Answer domainless = co_await state(*scene);
  EXPECT_EQ(domainless.count(), 0);
  co_await scene->stop();
}

}  // namespace
}  // namespace deis::controller::api
