// Reading statements that share connections, on a real PostgreSQL.
#include "controller/storage/postgres_fixture.h"
#include "core/base/error.h"
#include "core/net/co_test.h"
#include "core/net/task_group.h"

#include <boost/asio/this_coro.hpp>

namespace deis::pg {
namespace {

using namespace std::chrono_literals;

struct Shared {
  std::unique_ptr<PostgresFixture> server;
  std::unique_ptr<Database> database;
};

Task<Shared> shared_database() {
  const Executor executor = co_await asio::this_coro::executor;
  Shared shared;
  shared.server = co_await PostgresFixture::start(executor);
  shared.database = std::make_unique<Database>(executor, 1, Log::silent());
  shared.database->set_address(shared.server->address());
  co_return shared;
}

struct Tally {
  int right = 0, wrong = 0, timeouts = 0, failures = 0;
};

constexpr auto kSame = "SELECT $1::bigint";
constexpr auto kDivide = "SELECT 100 / $1::bigint";
constexpr auto kSleep = "SELECT pg_sleep($1::bigint)";
constexpr auto kConnections =
    "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'deis-controller'";

Task<> ask(
    Database& database,
    const char* sql,
    std::int64_t number,
    std::int64_t answer,
    Tally& tally,
    Deadline deadline) {
  try {
    AutoCommit db = database.session(deadline);
    const Result result = co_await db.query(sql, params(number));
    ++(result[0].get<std::int64_t>(0) == answer ? tally.right : tally.wrong);
  } catch (const Error& error) {
    ++(error.code() == ErrorCode::timeout ? tally.timeouts : tally.failures);
  }
}

CO_TEST(Pipeline, GivesEachOfManyReadersItsOwnAnswerOnAFewConnections) {
  const Shared s = co_await shared_database();
  Tally tally;
  net::TaskGroup group(co_await asio::this_coro::executor);
  for (int i = 0; i < 500; ++i) group.spawn(ask(*s.database, kSame, i, i, tally, in(20s)));
  co_await group.join();
  EXPECT_EQ(tally.right, 500);
  AutoCommit db = s.database->session(in(10s));
  const Result connections = co_await db.query(kConnections, Params());
  EXPECT_LE(connections[0].get<int>(0), 4);
}

CO_TEST(Pipeline, AFailureIsNoneOfItsNeighbours) {
  const Shared s = co_await shared_database();
  for (int round = 0; round < 20; ++round) {
    Tally tally;
    net::TaskGroup group(co_await asio::this_coro::executor);
    for (int i = 0; i < 40; ++i) {
      const bool fails = i == round || i == 39 - round;
      group.spawn(ask(*s.database, kDivide, fails ? 0 : 50, 2, tally, in(20s)));
      if (i % 4 == 0) group.spawn(ask(*s.database, kSame, i, i, tally, in(20s)));
    }
    co_await group.join();
    EXPECT_EQ(tally.right, 38 + 10) << "round " << round;
    EXPECT_EQ(tally.failures, 2);
  }
}

CO_TEST(Pipeline, AStatementThatCannotBePreparedFailsAloneAndEachTime) {
  const Shared s = co_await shared_database();
  for (int round = 0; round < 3; ++round) {
    Tally tally;
    net::TaskGroup group(co_await asio::this_coro::executor);
    for (int i = 0; i < 5; ++i) {
      group.spawn(ask(*s.database, "SELECT no_such_column + $1::bigint", i, i, tally, in(20s)));
      group.spawn(ask(*s.database, kSame, i, i, tally, in(20s)));
    }
    co_await group.join();
    EXPECT_EQ(tally.failures, 5);
    EXPECT_EQ(tally.right, 5);
  }
}

// Whoever reads for all may be the one whose time is over.
CO_TEST(Pipeline, ReadersThatGiveUpLeaveTheOthersTheirAnswers) {
  const Shared s = co_await shared_database();
  Tally sleepers, others;
  net::TaskGroup group(co_await asio::this_coro::executor);
  for (int i = 0; i < 3; ++i) group.spawn(ask(*s.database, kSleep, 1, 0, sleepers, in(200ms)));
  for (int i = 0; i < 60; ++i) group.spawn(ask(*s.database, kSame, i, i, others, in(20s)));
  co_await group.join();
  EXPECT_EQ(sleepers.timeouts, 3);
  EXPECT_EQ(others.right, 60);
}

CO_TEST(Pipeline, ReadersThatAreCancelledLeaveTheOthersTheirAnswers) {
  const Shared s = co_await shared_database();
  const Executor executor = co_await asio::this_coro::executor;
  Tally cancelled, others;
  net::TaskGroup first(executor), second(executor);
  for (int i = 0; i < 3; ++i) first.spawn(ask(*s.database, kSleep, 1, 0, cancelled, in(20s)));
  for (int i = 0; i < 60; ++i) second.spawn(ask(*s.database, kSame, i, i, others, in(20s)));
  co_await net::sleep_for(100ms);  // until they wait
  first.cancel();
  co_await first.join();
  co_await second.join();
  EXPECT_EQ(others.right, 60);
}

CO_TEST(Pipeline, AServerThatGoesIsNoticedByAllAndFoundAgain) {
  const Shared s = co_await shared_database();
  Tally before, during, after;
  net::TaskGroup group(co_await asio::this_coro::executor);
  for (int i = 0; i < 30; ++i) group.spawn(ask(*s.database, kSame, i, i, before, in(20s)));
  co_await group.join();
  EXPECT_EQ(before.right, 30);
  for (int i = 0; i < 9; ++i) group.spawn(ask(*s.database, kSleep, 30, 0, during, in(20s)));
  co_await net::sleep_for(100ms);
  co_await s.server->stop();
  co_await group.join();
  EXPECT_EQ(during.failures, 9);
  co_await s.server->restart();
  for (int i = 0; i < 30; ++i) group.spawn(ask(*s.database, kSame, i, i, after, in(20s)));
  co_await group.join();
  EXPECT_EQ(after.right, 30);
}

// The only connection for changes is taken.
CO_TEST(Pipeline, ReadingDoesNotWaitForATransaction) {
  const Shared s = co_await shared_database();
  Transaction tx = co_await s.database->begin(in(10s));
  Tally tally;
  co_await ask(*s.database, kSame, 1, 1, tally, in(5s));
  EXPECT_EQ(tally.right, 1);
  co_await tx.commit();
}

}  // namespace
}  // namespace deis::pg
