// The repositories on a real PostgreSQL.
#include "controller/storage/apps.h"
#include "controller/storage/containers.h"
#include "controller/storage/domains.h"
#include "controller/storage/keys.h"
#include "controller/storage/migrations.h"
#include "controller/storage/postgres_fixture.h"
#include "controller/storage/releases.h"
#include "controller/storage/secrets.h"
#include "controller/storage/users.h"
#include "controller/vault/vault.h"
#include "core/base/error.h"
#include "core/net/co_test.h"
#include "core/net/task_group.h"

#include <boost/asio/this_coro.hpp>

#include <set>

namespace deis::controller::storage {
namespace {

using namespace std::chrono_literals;

// A migrated, empty database.
struct Fresh {
  std::unique_ptr<pg::PostgresFixture> server;
  std::unique_ptr<Vault> vault;
  std::unique_ptr<pg::Database> database;
};

Task<Fresh> fresh() {
  const Executor executor = co_await asio::this_coro::executor;
  Fresh fresh;
  fresh.server = co_await pg::PostgresFixture::start(executor);
  fresh.database = std::make_unique<pg::Database>(executor, 8, Log::silent());
  fresh.database->set_address(fresh.server->address());
  co_await migrate(*fresh.database, Log::silent(), in(30s));
  fresh.vault = std::make_unique<Vault>();
  fresh.vault->use(KeyRing().with(make_master_key()));
  fresh.database->use_vault(*fresh.vault);
  auto db = fresh.database->session(in(10s));
  co_await add_vault_key(db, fresh.vault->newest());
  co_return fresh;
}

NewUser new_user(const std::string& name) {
  return NewUser{UserName::parse(name), "hash", "a@b.c", "", "", std::string(40, name.back())};
}

Task<ErrorCode> code_of(Task<> work) {
  ErrorCode code = ErrorCode::internal;
  try {
    co_await std::move(work);
    code = ErrorCode::canceled;  // stands for: no failure
  } catch (const Error& error) {
    code = error.code();
  }
  co_return code;
}

Task<User> sign_up(pg::Database& database, std::string name) {
  pg::Transaction tx = co_await database.begin(in(10s));
  User user = co_await create_user(tx, new_user(name));
  co_await tx.commit();
  co_return user;
}

constexpr auto kWaitingForALock = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
constexpr auto kSleeping =
    "SELECT FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sleep%' AND pid <> "
    "pg_backend_pid()";

Task<> make_app(pg::Database& database, std::string owner, std::string id) {
  pg::Transaction tx = co_await database.begin(in(10s));
  co_await create_app(tx, AppId::parse(id), owner);
  NewConfig empty{.app = id, .owner = owner, .values = {}, .memory = {}, .cpu = {}, .tags = {}};
  const Config config = co_await create_config(tx, std::move(empty));
  NewRelease release{
      .app = id,
      .owner = owner,
      .summary = "initial",
      .config_uuid = config.uuid,
      .build_uuid = std::nullopt};
  co_await create_release(tx, std::move(release));
  co_await tx.commit();
}

CO_TEST(Storage, KeepsWhatItIsGiven) {
  const Fresh f = co_await fresh();
  pg::AutoCommit db = f.database->session(in(10s));
  const User ann = co_await sign_up(*f.database, "ann");
  const User bob = co_await sign_up(*f.database, "bob");
  EXPECT_TRUE(ann.is_superuser);
  EXPECT_FALSE(bob.is_superuser);
  co_await make_app(*f.database, "ann", "shop");

  NewConfig values{
      .app = "shop",
      .owner = "bob",
      .values = {{"A", "ü \"x\"\n"}},
      .memory = {{"web", "1G"}},
      .cpu = {{"web", 5}},
      .tags = {}};
  const Config config = co_await create_config(db, std::move(values));
  EXPECT_EQ(config.values.at("A"), "ü \"x\"\n");
  EXPECT_EQ(config.cpu.at("web"), 5);
  NewBuild build_values{
      .app = "shop",
      .owner = "ann",
      .image = "shop",
      .sha = "abc",
      .procfile = {{"web", "run"}},
      .dockerfile = "true"};
  const Build build = co_await create_build(db, std::move(build_values));
  NewRelease second{
      .app = "shop", .owner = "ann", .summary = "s", .config_uuid = config.uuid, .build_uuid = build.uuid};
  const Release release = co_await create_release(db, std::move(second));
  EXPECT_EQ(release.version, 2);

  const auto bundle = co_await find_bundle(db, "shop", std::nullopt);
  CO_ASSERT_TRUE(bundle && bundle->build);
  EXPECT_EQ(bundle->release.version, 2);
  EXPECT_EQ(bundle->config.uuid, config.uuid);
  EXPECT_EQ(bundle->build->procfile.at("web"), "run");
  const auto first = co_await find_bundle(db, "shop", 1);
  CO_ASSERT_TRUE(first.has_value());
  EXPECT_FALSE(first->build);
  EXPECT_FALSE(co_await find_build(db, "shop", "not-a-uuid"));

  co_await create_container(db, "shop", "ann", "web", 1, 2);
  const auto wanted = co_await list_wanted(db);
  CO_ASSERT_EQ(wanted.size(), 1u);
  EXPECT_EQ(wanted[0].live->release.version, 2);
  EXPECT_EQ(wanted[0].containers.size(), 1u);
}

CO_TEST(Storage, ListsPagesInTheContractsOrder) {
  const Fresh f = co_await fresh();
  pg::AutoCommit db = f.database->session(in(10s));
  co_await sign_up(*f.database, "ann");
  for (const char* id : {"c", "a", "b"}) co_await make_app(*f.database, "ann", id);
  PageRequest second{.size = 2, .number = 2};
  const Page<App> page = co_await list_apps_of(db, "ann", second);
  EXPECT_EQ(page.count, 3);
  CO_ASSERT_EQ(page.items.size(), 1u);
  EXPECT_EQ(page.items[0].id.str(), "b");
}

CO_TEST(Storage, HidesAnAppThatIsBeingDestroyedAndDeletesOnlySuchAnOne) {
  const Fresh f = co_await fresh();
  pg::AutoCommit db = f.database->session(in(10s));
  const User ann = co_await sign_up(*f.database, "ann");
  for (const char* id : {"blog", "shop"}) co_await make_app(*f.database, "ann", id);
  co_await delete_app(db, "shop");
  const auto shop = co_await find_app(db, "shop");
  CO_ASSERT_TRUE(shop.has_value());
  for (int i = 0; i < 2; ++i) {
    const bool marked = co_await mark_destroying(db, *shop);
    EXPECT_TRUE(marked);
  }
  const auto living = co_await find_app(db, "shop");
  const auto whole = co_await find_app(db, "shop", Find::destroying_too);
  EXPECT_FALSE(living.has_value());
  EXPECT_TRUE(whole.has_value());
  const auto access = co_await find_app_for(db, "shop", "ann");
  EXPECT_FALSE(access.has_value());
  const auto locked = co_await lock_app(db, "shop");
  EXPECT_FALSE(locked.has_value());
  const Page<App> all = co_await list_apps(db, PageRequest());
  const Page<App> own = co_await list_apps_of(db, "ann", PageRequest());
  const std::vector<std::string> ids{"blog", "shop"};
  const Page<App> among = co_await list_apps_among(db, ann, ids, PageRequest());
  for (const auto* page : {&all, &own, &among}) EXPECT_EQ(page->count, 1);
  const auto wanted = co_await list_wanted(db);
  EXPECT_EQ(wanted.size(), 1u);
  const auto destroying = co_await list_destroying(db);
  CO_ASSERT_EQ(destroying.size(), 1u);
  EXPECT_EQ(destroying[0].id.str(), "shop");
  co_await delete_app(db, "shop");
  const bool marked_again = co_await mark_destroying(db, *shop);
  EXPECT_FALSE(marked_again);
  const bool left = co_await is_destroying(db, "shop");
  EXPECT_FALSE(left);
}

CO_TEST(Storage, ReleaseNumbersHaveNoGapsAndNoDuplicatesUnderConcurrency) {
  const Fresh f = co_await fresh();
  pg::AutoCommit db = f.database->session(in(10s));
  co_await sign_up(*f.database, "ann");
  co_await make_app(*f.database, "ann", "shop");
  const auto initial = co_await find_bundle(db, "shop", 1);
  auto add = [](pg::Database& database, std::string config) -> Task<> {
    pg::Transaction tx = co_await database.begin(in(10s));
    co_await lock_app(tx, "shop");
    NewRelease release{
        .app = "shop", .owner = "ann", .summary = "x", .config_uuid = config, .build_uuid = std::nullopt};
    co_await create_release(tx, std::move(release));
    co_await tx.commit();
  };
  net::TaskGroup group(co_await asio::this_coro::executor);
  for (int i = 0; i < 20; ++i) group.spawn(add(*f.database, initial->config.uuid));
  co_await group.join();
  const Page<Release> all = co_await list_releases(db, "shop", PageRequest());
  std::set<std::int64_t> versions;
  for (const Release& release : all.items) versions.insert(release.version);
  EXPECT_EQ(versions.size(), 21u);
  EXPECT_EQ(*versions.rbegin(), 21);
}

CO_TEST(Storage, ClashesNameTheField) {
  const Fresh f = co_await fresh();
  pg::AutoCommit db = f.database->session(in(10s));
  co_await sign_up(*f.database, "ann");
  co_await create_key(db, "ann", "laptop", "ssh-rsa x", "aa:bb");
  co_await make_app(*f.database, "ann", "shop");
  co_await create_domain(db, "shop", "ann", "www.example.com");
  std::string fields;
  for (int i = 0; i < 4; ++i) {
    try {
      if (i == 0) co_await sign_up(*f.database, "ann");
      if (i == 1) co_await create_key(db, "ann", "other", "ssh-rsa x", "aa:bb");
      if (i == 2) co_await create_app(db, AppId::parse("shop"), "ann");
      if (i == 3) co_await create_domain(db, "shop", "ann", "WWW.Example.com");
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::conflict);
      fields += error.field() + " ";
    }
  }
  EXPECT_EQ(fields, "username public id domain ");
}

CO_TEST(Storage, DeletingAUserKeepsWhatHeDidForOthers) {
  const Fresh f = co_await fresh();
  pg::AutoCommit db = f.database->session(in(10s));
  co_await sign_up(*f.database, "ann");
  co_await sign_up(*f.database, "bob");
  co_await make_app(*f.database, "ann", "shop");
  co_await add_grant(db, "shop", "bob");
  NewConfig change{.app = "shop", .owner = "bob", .values = {}, .memory = {}, .cpu = {}, .tags = {}};
  const Config config = co_await create_config(db, std::move(change));
  NewRelease by_bob{
      .app = "shop", .owner = "bob", .summary = "x", .config_uuid = config.uuid, .build_uuid = std::nullopt};
  co_await create_release(db, std::move(by_bob));
  co_await delete_user(db, "bob");
  const auto bundle = co_await find_bundle(db, "shop", std::nullopt);
  CO_ASSERT_TRUE(bundle.has_value());
  EXPECT_EQ(bundle->release.owner, "bob");
  const auto grants = co_await list_grants(db, "shop");
  EXPECT_TRUE(grants.empty());
}

CO_TEST(Storage, WithoutCommitATransactionLeavesNothing) {
  const Fresh f = co_await fresh();
  {
    pg::Transaction tx = co_await f.database->begin(in(10s));
    co_await create_user(tx, new_user("ann"));
  }
  pg::AutoCommit db = f.database->session(in(10s));
  EXPECT_FALSE(co_await find_user(db, "ann"));
}

CO_TEST(Storage, OfTwoFirstUsersOneBecomesSuperuser) {
  const Fresh f = co_await fresh();
  bool bob_is_done = false;
  auto sign_up_bob = [](pg::Database& database, bool& done) -> Task<> {
    co_await sign_up(database, "bob");
    done = true;
  };
  pg::Transaction ann = co_await f.database->begin(in(10s));
  co_await create_user(ann, new_user("ann"));
  net::TaskGroup group(co_await asio::this_coro::executor);
  group.spawn(sign_up_bob(*f.database, bob_is_done));
  pg::AutoCommit db = f.database->session(in(10s));
  for (bool bob_waits = false; !bob_waits && !bob_is_done;) {
    const pg::Result waiting = co_await db.query(kWaitingForALock, pg::Params());
    bob_waits = !waiting.empty();
  }
  co_await ann.commit();
  co_await group.join();
  const Page<User> superusers = co_await list_superusers(db, PageRequest());
  EXPECT_EQ(superusers.count, 1);
}

CO_TEST(Storage, AStatementOutOfTimeEndsOnTheServerToo) {
  const Fresh f = co_await fresh();
  auto sleep = [](pg::Database& database) -> Task<> {
    pg::AutoCommit db = database.session(in(300ms));
    co_await db.query("SELECT pg_sleep(60)", pg::Params());
  };
  EXPECT_EQ(co_await code_of(sleep(*f.database)), ErrorCode::timeout);
  pg::AutoCommit db = f.database->session(in(10s));
  for (bool sleeps = true; sleeps;) {
    const pg::Result sleeping = co_await db.query(kSleeping, pg::Params());
    sleeps = !sleeping.empty();
  }
}

CO_TEST(Storage, ATransactionDoesNotPretendToCommitAfterAFailedStatement) {
  const Fresh f = co_await fresh();
  pg::Transaction tx = co_await f.database->begin(in(10s));
  co_await create_user(tx, new_user("ann"));
  auto fail = [](pg::Transaction& t) -> Task<> { co_await t.query("SELECT no_such_column", pg::Params()); };
  EXPECT_EQ(co_await code_of(fail(tx)), ErrorCode::internal);
  EXPECT_EQ(co_await code_of(tx.commit()), ErrorCode::internal);
  pg::AutoCommit db = f.database->session(in(10s));
  EXPECT_FALSE(co_await find_user(db, "ann"));
}

CO_TEST(Storage, AServerThatIsAwayIsUnavailableAndThenWorksAgain) {
  Fresh f = co_await fresh();
  co_await f.server->stop();
  auto ask = [](pg::Database& database) -> Task<> {
    pg::AutoCommit db = database.session(in(5s));
    co_await find_user(db, "ann");
  };
  EXPECT_EQ(co_await code_of(ask(*f.database)), ErrorCode::unavailable);
  co_await f.server->restart();
  EXPECT_EQ(co_await code_of(ask(*f.database)), ErrorCode::canceled);
}

CO_TEST(Migrations, AreAppliedOnce) {
  const Fresh f = co_await fresh();
  EXPECT_EQ(co_await migrate(*f.database, Log::silent(), in(10s)), 0);
}

}  // namespace
}  // namespace deis::controller::storage
