// deis-database against a real etcd and a real PostgreSQL. Needs root: PostgreSQL runs under its own account.

#include "core/base/error.h"
#include "core/component/volume.h"
#include "core/etcd/etcd_fixture.h"
#include "core/net/co_test.h"
#include "core/net/event.h"
#include "core/net/reserved_port.h"
#include "database/database.h"
#include "database/provision.h"

#include <boost/asio/this_coro.hpp>

#include <fstream>
#include <signal.h>
#include <unistd.h>

namespace deis::database {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr auto kLimit = seconds(60);

Deadline soon() {
  return in(kLimit);
}

// One run of the daemon's parts; the volume and etcd outlive it.
class Daemon {
 public:
  Daemon(const Executor& executor, etcd::Client& etcd)
      : settings_(executor, etcd, "/deis/database/", Log::silent()),
        session_(executor, etcd, seconds(10), Log::silent()),
        database_(executor, etcd, session_, settings_, workers_, "h1", Log::silent()),
        group_(executor) {
    group_.spawn(settings_.run());
    group_.spawn(session_.run(etcd::Session::AtStop::revoke));
    group_.spawn(database_.run());
  }

  Task<> until_trouble_has(std::string part) {
    const Deadline deadline = soon();
    while (part.empty() ? !database_.trouble().empty()
                        : database_.trouble().find(part) == std::string::npos) {
      if (std::chrono::steady_clock::now() > deadline) throw Error(ErrorCode::timeout, database_.trouble());
      co_await net::sleep_for(milliseconds(5));
    }
  }
  Task<> until_up() { return until_trouble_has(""); }

  Task<> stop() {
    group_.cancel();
    co_await group_.join();
  }

 private:
  net::WorkerPool workers_{2};
  component::Settings settings_;
  etcd::Session session_;
  Database database_;
  net::TaskGroup group_;
};

// etcd with a published volume and a free port for PostgreSQL.
class Platform {
 public:
  static Task<std::unique_ptr<Platform>> start(Executor executor) {
    auto platform = std::make_unique<Platform>();
    platform->executor = executor;
    platform->etcd = co_await etcd::EtcdFixture::start(executor);
    platform->config.port = platform->port.number();
    std::filesystem::permissions(platform->etcd->directory(), std::filesystem::perms(0711));
    co_await platform->publish();
    co_return platform;
  }

  Task<> publish() {
    component::Volume place;
    place.driver = "directory";
    place.path = volume().string();
    co_await etcd->client().put(component::volume_key("database"), component::volume_value(place), soon());
    co_await etcd->client().put("/deis/database/port", std::to_string(config.port), soon());
  }

  Task<> offer_token() { co_await etcd->client().put("/deis/database/initToken", "t1", soon()); }

  Task<std::string> value_of(std::string key) {
    const auto found = co_await etcd->client().get("/deis/database/" + key, soon());
    if (!found) co_return "";
    co_return found->value;
  }

  // What the platform's login answers to `statement`, with the password from etcd.
  Task<std::string> ask(std::string statement) {
    Secrets secrets;
    secrets.password = co_await value_of("password");
    Connection connection(platform_login(config, secrets), seconds(10));
    co_return connection.query(statement).value_or("");
  }

  std::filesystem::path volume() const { return etcd->directory() / "volume"; }
  int postmaster() const {
    std::ifstream file(volume() / "data" / "postmaster.pid");
    int pid = 0;
    file >> pid;
    return pid;
  }

  Executor executor;
  test::ReservedPort port;
  std::unique_ptr<etcd::EtcdFixture> etcd;
  ServerConfig config;
};

Task<> with_platform(Task<> (*body)(Platform&)) {
  const auto executor = co_await asio::this_coro::executor;
  const auto platform = co_await Platform::start(executor);
  co_await body(*platform);
}

#define DATABASE_TEST(Name)                                                                   \
  Task<> Name(Platform& platform);                                                            \
  TEST(Database, Name) {                                                                      \
    if (::geteuid() != 0) GTEST_SKIP() << "PostgreSQL can only be given its account by root"; \
    net::run_test_task(with_platform(Name), kLimit * 2);                                      \
  }                                                                                           \
  Task<> Name(Platform& platform)

DATABASE_TEST(IsMadeOnceWithTheTokenAndKeepsWhatWasStored) {
  co_await platform.offer_token();
  {
    Daemon daemon(platform.executor, platform.etcd->client());
    co_await daemon.until_up();
    co_await platform.ask("CREATE TABLE kept (a int)");
    const auto token = co_await platform.value_of("initToken");
    EXPECT_EQ(token, "");
    const auto host = co_await platform.value_of("hosts/h1");
    EXPECT_EQ(host, "{\"address\":\"tcp://127.0.0.1:" + std::to_string(platform.config.port) + "\"}");
    co_await daemon.stop();
  }
  const auto host = co_await platform.value_of("hosts/h1");
  EXPECT_EQ(host, "");
  Daemon daemon(platform.executor, platform.etcd->client());
  co_await daemon.until_up();
  const auto rows = co_await platform.ask("SELECT count(*) FROM kept");
  EXPECT_EQ(rows, "0");
  co_await daemon.stop();
}

DATABASE_TEST(RefusesToStartEmptyWithoutATokenAndStartsWhenOneIsGiven) {
  Daemon daemon(platform.executor, platform.etcd->client());
  co_await daemon.until_trouble_has("no init token");
  EXPECT_FALSE(std::filesystem::exists(platform.volume() / "data"));
  co_await platform.offer_token();
  co_await daemon.until_up();
  co_await daemon.stop();
}

DATABASE_TEST(BeginsAnInterruptedFirstStartAgain) {
  {
    const DataVolume volume(platform.volume());
    volume.mark_initialising("t1");
    std::filesystem::create_directories(volume.data() / "base");  // what initdb left
  }
  co_await platform.offer_token();
  Daemon daemon(platform.executor, platform.etcd->client());
  co_await daemon.until_up();
  co_await daemon.stop();
}

DATABASE_TEST(RefusesWhenItsDataIsGone) {
  {
    const DataVolume volume(platform.volume());
    volume.mark_initialising("t0");
    volume.mark_complete();
  }
  co_await platform.offer_token();
  Daemon daemon(platform.executor, platform.etcd->client());
  co_await daemon.until_trouble_has("its files are gone");
  EXPECT_FALSE(std::filesystem::exists(platform.volume() / "data"));
  co_await daemon.stop();
}

DATABASE_TEST(RecoversFromAServerThatWasKilled) {
  co_await platform.offer_token();
  Daemon daemon(platform.executor, platform.etcd->client());
  co_await daemon.until_up();
  co_await platform.ask("CREATE TABLE kept (a int)");
  const int killed = platform.postmaster();
  ::kill(killed, SIGKILL);
  std::string rows;
  for (const Deadline deadline = soon(); rows != "0" && std::chrono::steady_clock::now() < deadline;) {
    try {
      rows = co_await platform.ask("SELECT count(*) FROM kept");
    } catch (const Error&) {
      rows.clear();
    }
    co_await net::sleep_for(milliseconds(20));
  }
  EXPECT_EQ(rows, "0");
  EXPECT_NE(platform.postmaster(), killed);
  co_await daemon.stop();
}

// How long the daemon took to end; the volume must be free then.
Task<std::chrono::milliseconds> time_to_stop(Daemon& daemon, std::filesystem::path volume) {
  const auto begin = std::chrono::steady_clock::now();
  co_await daemon.stop();
  const auto took = std::chrono::steady_clock::now() - begin;
  DataVolume next(std::move(volume));
  EXPECT_TRUE(next.try_lock());
  co_return std::chrono::duration_cast<milliseconds>(took);
}

Task<> continue_later(int server) {
  co_await net::sleep_for(milliseconds(100));
  ::kill(server, SIGCONT);
}

DATABASE_TEST(EndsInTimeAfterTheServerWasHalted) {
  co_await platform.offer_token();
  // Ended at once, within the probe's time, and after the halt was noticed.
  for (const milliseconds halt : {milliseconds(0), milliseconds(1500), milliseconds(5000)}) {
    Daemon daemon(platform.executor, platform.etcd->client());
    co_await daemon.until_up();
    const int server = platform.postmaster();
    ::kill(server, SIGSTOP);
    co_await net::sleep_for(halt);
    ::kill(server, SIGCONT);
    const auto took = co_await time_to_stop(daemon, platform.volume());
    EXPECT_LT(took, seconds(10)) << halt.count();
  }
}

DATABASE_TEST(EndsInTimeWhileTheServerIsHalted) {
  co_await platform.offer_token();
  Daemon daemon(platform.executor, platform.etcd->client());
  co_await daemon.until_up();
  ::kill(platform.postmaster(), SIGSTOP);
  const auto took = co_await time_to_stop(daemon, platform.volume());
  EXPECT_LT(took, seconds(25));  // the server's stop limit, and then SIGKILL
}

// The server comes back just when the daemon is told to end, and the login is about to be announced.
DATABASE_TEST(EndsInTimeWhileTheServerIsBeingProvisioned) {
  co_await platform.offer_token();
  {
    Daemon first(platform.executor, platform.etcd->client());
    co_await first.until_up();
    co_await first.stop();
  }
  Daemon daemon(platform.executor, platform.etcd->client());
  while (platform.postmaster() == 0) co_await net::sleep_for(milliseconds(1));
  const int server = platform.postmaster();
  ::kill(server, SIGSTOP);
  co_await net::sleep_for(milliseconds(200));  // a log-in is under way
  net::TaskGroup later(platform.executor);
  later.spawn(continue_later(server));
  const auto took = co_await time_to_stop(daemon, platform.volume());
  EXPECT_LT(took, seconds(10));
  co_await later.join();
}

DATABASE_TEST(PublishesItsLoginAgainWhenEtcdWasEmptied) {
  co_await platform.offer_token();
  Daemon daemon(platform.executor, platform.etcd->client());
  co_await daemon.until_up();
  const auto password = co_await platform.value_of("password");
  co_await platform.etcd->wipe();
  std::string again;
  while (again.empty()) {
    again = co_await platform.value_of("password");
    co_await net::sleep_for(milliseconds(20));
  }
  EXPECT_EQ(again, password);
  co_await daemon.stop();
}

}  // namespace
}  // namespace deis::database
