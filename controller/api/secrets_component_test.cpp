// Secrets at rest: what the database has of them, what happens without the keys, and the rotation of keys.

#include "controller/api/api_fixture.h"
#include "controller/domain/certificate_fixture.h"
#include "controller/storage/releases.h"
#include "controller/storage/secrets.h"
#include "core/component/durable_file.h"
#include "core/json/json.h"

#include <boost/asio/this_coro.hpp>
#include <gmock/gmock.h>

namespace deis::controller::api {
namespace {

using namespace std::chrono_literals;

constexpr auto kSecret = "correct-horse-battery";
constexpr auto kDump =
    "SELECT coalesce(string_agg(t::text, E'\\n'), '') FROM (SELECT c::text FROM configs c UNION ALL SELECT "
    "u::text FROM users u UNION ALL SELECT r::text FROM certs r) t";
constexpr auto kPlainConfig =
    "UPDATE configs SET values = '{\"A\": \"correct-horse-battery\"}', sealed_values = NULL, sealed_by = "
    "NULL";
constexpr auto kPlainToken =
    "UPDATE users SET token = repeat('ab', 20), sealed_token = NULL, sealed_by = NULL, token_hash = NULL";
constexpr auto kSwap =
    "UPDATE configs c SET sealed_values = o.sealed_values FROM configs o WHERE c.app = 'shop' AND o.app = "
    "'blog'";

Task<std::string> dump(ApiFixture& api) {
  auto db = api.database->session(in(5s));
  const pg::Result rows = co_await db.query(kDump, pg::Params());
  co_return rows[0].get<std::string>(0);
}

Task<> set_value(ApiFixture& api, std::string token, std::string app, std::string value) {
  const Answer set =
      co_await api.post(token, "/v1/apps/" + app + "/config/", R"({"values":{"A":")" + value + R"("}})");
  EXPECT_EQ(set.status, 201) << set.body;
}

constexpr auto kPlainKey = "UPDATE certs SET key = $1, sealed_key = NULL, sealed_by = NULL";
constexpr auto kSwapKeys =
    "UPDATE certs c SET sealed_key = o.sealed_key FROM certs o WHERE c.common_name = 'a.example.com' AND "
    "o.common_name = 'b.example.com'";
constexpr auto kPrivateKey = "PRIVATE KEY";

std::string of_name(const std::string& name) {
  return "/deis/certs/" + name;
}

Task<> certify(ApiFixture& api, std::string token, const test::MadeCertificate& made) {
  json::object body;
  body["certificate"] = made.certificate();
  body["key"] = made.key();
  const Answer added = co_await api.post(token, "/v1/certs/", json::to_text(body));
  EXPECT_EQ(added.status, 201) << added.body;
}

// The private key that routers find for the name; "" when there is none.
Task<std::string> routed_key(ApiFixture& api, std::string name) {
  const auto entry = co_await api.platform->etcd().get(of_name(name), in(5s));
  if (!entry) co_return "";
  const auto value = json::parse(entry->value);
  co_return std::string(value.at("key").as_string());
}

// As when etcd has forgotten everything.
Task<> publish_anew(ApiFixture& api, std::string name) {
  co_await api.platform->etcd().erase(of_name(name), in(5s));
  co_await api.services->certs.publish();
}

// Another controller that starts on the same database, with what is in the directory now.
struct Restarted {
  Vault vault;
  std::unique_ptr<KeyKeeper> keys;
  std::string problem;
};

Task<std::string> found(std::string directory) {
  co_return directory;
}

Task<std::unique_ptr<Restarted>> restart(ApiFixture& api) {
  auto again = std::make_unique<Restarted>();
  const std::string directory = api.data().string();
  auto find_directory = [directory] { return found(directory); };
  const Executor executor = co_await asio::this_coro::executor;
  api.database->use_vault(again->vault);
  again->keys = std::make_unique<KeyKeeper>(
      executor, *api.database, again->vault, api.workers(), std::move(find_directory), Log::silent());
  try {
    co_await again->keys->open();
  } catch (const Error& error) {
    again->problem = error.what();
  }
  co_return again;
}

Task<> rotated(KeyKeeper& keys) {
  for (;;) {
    const KeyStatus status = co_await keys.status();
    if (status.keys.size() == 1) co_return;
    co_await net::sleep_for(5ms);
  }
}

API_TEST(Secrets, AreNotInTheDatabaseButInTheAnswers) {
  const std::string ann = co_await api.user("ann");
  co_await api.post(ann, "/v1/apps/", R"({"id":"shop"})");
  co_await set_value(api, ann, "shop", kSecret);
  const std::string rows = co_await dump(api);
  EXPECT_EQ(rows.find(kSecret), std::string::npos);
  EXPECT_EQ(rows.find(ann), std::string::npos);
  const Answer config = co_await api.get(ann, "/v1/apps/shop/config/");
  EXPECT_EQ(config.text("/values/A"), kSecret);
  const Answer login = co_await api.post("", "/v1/auth/login/", R"({"username":"ann","password":"secret"})");
  EXPECT_EQ(login.text("/token"), ann);
}

API_TEST(Secrets, OfCertificatesAreNotInTheDatabaseButAtTheRouters) {
  const std::string ann = co_await api.user("ann");
  const test::MadeCertificate made(test::CertificateSpec{.common_name = "a.example.com"});
  co_await certify(api, ann, made);
  const std::string rows = co_await dump(api);
  EXPECT_THAT(rows, testing::HasSubstr("a.example.com"));
  EXPECT_THAT(rows, testing::Not(testing::HasSubstr(kPrivateKey)));
  co_await publish_anew(api, "a.example.com");
  const std::string key = co_await routed_key(api, "a.example.com");
  EXPECT_EQ(key, made.key());
}

API_TEST(Secrets, OfACertificateThatWereTamperedWithLeaveTheRoutersWhatTheyHave) {
  const std::string ann = co_await api.user("ann");
  const test::MadeCertificate a(test::CertificateSpec{.common_name = "a.example.com"}),
      b(test::CertificateSpec{.common_name = "b.example.com"});
  co_await certify(api, ann, a);
  co_await certify(api, ann, b);
  auto db = api.database->session(in(5s));
  co_await db.query(kSwapKeys, pg::Params());
  co_await publish_anew(api, "b.example.com");
  const std::string kept = co_await routed_key(api, "a.example.com");
  EXPECT_EQ(kept, a.key());
  const std::string other = co_await routed_key(api, "b.example.com");
  EXPECT_EQ(other, b.key());
  co_await publish_anew(api, "a.example.com");
  const std::string refused = co_await routed_key(api, "a.example.com");
  EXPECT_EQ(refused, "");
}

API_TEST(Secrets, ThatWereMovedToAnotherRowAreNotShown) {
  const std::string ann = co_await api.user("ann");
  for (const char* id : {"shop", "blog"}) {
    co_await api.post(ann, "/v1/apps/", std::string(R"({"id":")") + id + R"("})");
  }
  co_await set_value(api, ann, "blog", kSecret);
  auto db = api.database->session(in(5s));
  co_await db.query(kSwap, pg::Params());
  const Answer config = co_await api.get(ann, "/v1/apps/shop/config/");
  EXPECT_EQ(config.status, 500);
  EXPECT_EQ(config.body, R"({"detail":"Internal server error"})");
}

API_TEST(Secrets, FromBeforeTheVaultAreSealedAtStart) {
  const std::string ann = co_await api.user("ann");
  co_await api.post(ann, "/v1/apps/", R"({"id":"shop"})");
  auto db = api.database->session(in(5s));
  const test::MadeCertificate made(test::CertificateSpec{.common_name = "a.example.com"});
  co_await certify(api, ann, made);
  co_await db.query(kPlainKey, pg::params(made.key()));
  co_await db.query(kPlainConfig, pg::Params());
  co_await db.query(kPlainToken, pg::Params());
  const auto again = co_await restart(api);
  EXPECT_EQ(again->problem, "");
  const std::string rows = co_await dump(api);
  EXPECT_THAT(rows, testing::Not(testing::HasSubstr(kPrivateKey)));
  EXPECT_EQ(rows.find(kSecret), std::string::npos);
  EXPECT_EQ(rows.find("abababab"), std::string::npos);
  std::string token;
  for (int i = 0; i < 20; ++i) token += "ab";
  const Answer config = co_await api.get(token, "/v1/apps/shop/config/");
  EXPECT_EQ(config.text("/values/A"), kSecret);
  co_await publish_anew(api, "a.example.com");
  const std::string key = co_await routed_key(api, "a.example.com");
  EXPECT_EQ(key, made.key());
  api.database->use_vault(api.vault);
}

API_TEST(KeyRing, ThatIsLostIsToldAndNothingIsMadeInItsPlace) {
  const std::string ann = co_await api.user("ann");
  const std::string before = co_await dump(api);
  std::filesystem::rename(api.data() / "keyring.json", api.data() / "elsewhere");
  const auto lost = co_await restart(api);
  EXPECT_THAT(lost->problem, testing::HasSubstr(api.vault.newest()));
  EXPECT_THAT(lost->problem, testing::HasSubstr("keyring.json"));
  EXPECT_THAT(lost->keys->why_closed(), testing::HasSubstr("lost the keys"));
  EXPECT_FALSE(std::filesystem::exists(api.data() / "keyring.json"));
  EXPECT_EQ(co_await dump(api), before);
  std::filesystem::rename(api.data() / "elsewhere", api.data() / "keyring.json");
  co_await lost->keys->open();
  EXPECT_EQ(lost->keys->why_closed(), "");
  const Answer root = co_await api.get(ann, "/v1/");
  EXPECT_EQ(root.status, 200);
  api.database->use_vault(api.vault);
}

API_TEST(KeyRing, OfAnotherDatabaseIsRefused) {
  co_await api.user("ann");
  const KeyFile file(api.data());
  file.replace(controller::KeyRing().with(make_master_key()));
  const auto lost = co_await restart(api);
  EXPECT_THAT(lost->problem, testing::HasSubstr(api.vault.newest()));
  api.database->use_vault(api.vault);
}

API_TEST(KeyRing, IsMadeAnewOnlyWhenNoRowWasSealed) {
  std::filesystem::remove(api.data() / "keyring.json");
  const auto again = co_await restart(api);
  EXPECT_EQ(again->problem, "");
  EXPECT_NE(again->vault.newest(), api.vault.newest());
  const std::string ann = co_await api.user("ann");
  EXPECT_EQ(ann.size(), 40u);
  api.database->use_vault(api.vault);
}

API_TEST(KeyRotation, MovesEverySecretToTheNewKeyAndDropsTheOld) {
  const std::string ann = co_await api.user("ann"), bob = co_await api.user("bob");
  co_await api.post(ann, "/v1/apps/", R"({"id":"shop"})");
  for (int i = 0; i < 120; ++i) co_await set_value(api, ann, "shop", kSecret + std::to_string(i));
  const test::MadeCertificate made(test::CertificateSpec{.common_name = "a.example.com"});
  co_await certify(api, ann, made);
  const std::string old = api.vault.newest();
  net::TaskGroup group(co_await asio::this_coro::executor);
  group.spawn(api.keys->run());
  const std::string fresh = co_await api.keys->begin_rotation();
  bool refused = false;
  try {
    co_await api.keys->begin_rotation();
  } catch (const Error& error) {
    refused = error.code() == ErrorCode::conflict;
  }
  EXPECT_TRUE(refused);
  // Both keys serve meanwhile.
  const Answer during = co_await api.get(bob, "/v1/");
  EXPECT_EQ(during.status, 200);
  co_await set_value(api, ann, "shop", kSecret);
  co_await rotated(*api.keys);
  group.cancel();
  try {
    co_await group.join();
  } catch (const Error&) {
  }
  auto db = api.database->session(in(5s));
  const auto ids = co_await storage::list_vault_keys(db);
  EXPECT_THAT(ids, testing::ElementsAre(fresh));
  EXPECT_EQ(KeyFile(api.data()).read()->keys.size(), 1u);
  EXPECT_FALSE(KeyFile(api.data()).read()->has(old));
  const Answer config = co_await api.get(ann, "/v1/apps/shop/config/");
  EXPECT_EQ(config.text("/values/A"), kSecret);
  co_await publish_anew(api, "a.example.com");
  const std::string key = co_await routed_key(api, "a.example.com");
  EXPECT_EQ(key, made.key());
  const auto earlier = co_await storage::find_bundle(db, "shop", 60);
  EXPECT_EQ(earlier->config.values.at("A"), kSecret + std::string("58"));
  const Answer login = co_await api.post("", "/v1/auth/login/", R"({"username":"bob","password":"secret"})");
  EXPECT_EQ(login.text("/token"), bob);
}

API_TEST(KeyRotation, GoesOnAfterAControllerThatDied) {
  const std::string ann = co_await api.user("ann");
  const std::string fresh = co_await api.keys->begin_rotation();  // and nobody runs it
  const auto again = co_await restart(api);
  EXPECT_EQ(again->problem, "");
  EXPECT_EQ(again->vault.ids().size(), 2u);
  net::TaskGroup group(co_await asio::this_coro::executor);
  group.spawn(again->keys->run());
  co_await rotated(*again->keys);
  group.cancel();
  try {
    co_await group.join();
  } catch (const Error&) {
  }
  EXPECT_EQ(again->vault.newest(), fresh);
  const Answer root = co_await api.get(ann, "/v1/");
  EXPECT_EQ(root.status, 200);
  api.database->use_vault(api.vault);
}

API_TEST(KeyRotation, KeepsAKeyThatATransactionUnderWayStillUses) {
  co_await api.user("ann");
  const std::string old = api.vault.newest();
  auto tx = co_await api.database->begin(in(30s));
  const Sealed sealed = api.vault.seal(storage::token_place("ann"), "x");
  pg::Params values = pg::params(sealed.text, sealed.key);
  co_await tx.query("UPDATE users SET sealed_token = $1, sealed_by = $2", std::move(values));
  co_await api.keys->begin_rotation();
  auto remove = [](pg::Database& database, std::string id, std::string& outcome) -> Task<> {
    auto db = database.session(in(20s));
    const bool removed = co_await storage::remove_vault_key(db, id);
    outcome = removed ? "removed" : "kept";
  };
  std::string outcome;
  net::TaskGroup group(co_await asio::this_coro::executor);
  group.spawn(remove(*api.database, old, outcome));
  co_await tx.commit();
  co_await group.join();
  EXPECT_EQ(outcome, "kept");
}

}  // namespace
}  // namespace deis::controller::api
