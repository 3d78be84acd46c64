#include "core/base/error.h"
#include "core/etcd/etcd_fixture.h"
#include "core/etcd/session.h"
#include "core/net/co_test.h"
#include "core/net/task_group.h"

#include <boost/asio/this_coro.hpp>

namespace deis::etcd {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Waits until `key` has `value` ("": is absent).
Task<KeyValue> until(Client& client, std::string key, std::string value) {
  const Deadline deadline = soon();
  for (;;) {
    auto found = co_await client.get(key, deadline);
    if (!found && value.empty()) co_return KeyValue();
    if (found && found->value == value && !value.empty()) co_return *std::move(found);
    if (std::chrono::steady_clock::now() > deadline)
      throw Error(ErrorCode::timeout, key + " did not become '" + value + "'");
    co_await net::sleep_for(milliseconds(5));
  }
}

CO_TEST(Session, WritesAndRemovesWhatIsWanted) {
  const auto executor = co_await asio::this_coro::executor;
  const auto etcd = co_await EtcdFixture::start(executor);
  Session session(executor, etcd->client(), seconds(60), Log::silent());
  session.set("/a", "1");
  net::TaskGroup group(executor);
  group.spawn(session.run(Session::AtStop::revoke));
  const auto written = co_await until(etcd->client(), "/a", "1");
  EXPECT_NE(written.lease, 0);
  session.set("/a", "2");
  co_await until(etcd->client(), "/a", "2");
  session.unset("/a");
  co_await until(etcd->client(), "/a", "");
  group.cancel();
  co_await group.join();
}

CO_TEST(Session, WritesManyKeysInSeveralTransactions) {
  const auto executor = co_await asio::this_coro::executor;
  const auto etcd = co_await EtcdFixture::start(executor);
  Session session(executor, etcd->client(), seconds(60), Log::silent());
  for (int i = 0; i < 250; ++i) session.set("/many/" + std::to_string(i), "x");
  net::TaskGroup group(executor);
  group.spawn(session.run(Session::AtStop::leave));
  const auto in_step = [&session] { return session.in_step(); };
  co_await net::eventually(in_step, "etcd has all keys");
  const auto range = co_await etcd->client().list("/many/", soon());
  EXPECT_EQ(range.entries.size(), 250U);
  group.cancel();
  co_await group.join();
}

CO_TEST(Session, DoesNotWriteAValueThatIsThere) {
  const auto executor = co_await asio::this_coro::executor;
  const auto etcd = co_await EtcdFixture::start(executor);
  Session session(executor, etcd->client(), seconds(60), Log::silent());
  session.set("/a", "1");
  net::TaskGroup group(executor);
  group.spawn(session.run(Session::AtStop::revoke));
  const auto before = co_await until(etcd->client(), "/a", "1");
  session.set("/a", "1");
  session.set("/b", "1");
  co_await until(etcd->client(), "/b", "1");
  const auto after = co_await until(etcd->client(), "/a", "1");
  EXPECT_EQ(after.mod_revision, before.mod_revision);
  group.cancel();
  co_await group.join();
}

CO_TEST(Session, RemovesItsKeysAtStopOrLeavesThem) {
  const auto executor = co_await asio::this_coro::executor;
  const auto etcd = co_await EtcdFixture::start(executor);
  Session revoking(executor, etcd->client(), seconds(60), Log::silent());
  Session leaving(executor, etcd->client(), seconds(60), Log::silent());
  revoking.set("/revoked", "1");
  leaving.set("/left", "1");
  net::TaskGroup group(executor);
  group.spawn(revoking.run(Session::AtStop::revoke));
  group.spawn(leaving.run(Session::AtStop::leave));
  co_await until(etcd->client(), "/revoked", "1");
  co_await until(etcd->client(), "/left", "1");
  group.cancel();
  co_await group.join();
  const auto revoked = co_await etcd->client().get("/revoked", soon());
  const auto left = co_await etcd->client().get("/left", soon());
  EXPECT_FALSE(revoked.has_value());
  EXPECT_TRUE(left.has_value());
}

CO_TEST(Session, WritesItsKeysAgainUnderANewLeaseWhenTheOldOneIsLost) {
  const auto executor = co_await asio::this_coro::executor;
  const auto etcd = co_await EtcdFixture::start(executor);
  Session session(executor, etcd->client(), seconds(5), Log::silent());
  session.set("/a", "1");
  net::TaskGroup group(executor);
  group.spawn(session.run(Session::AtStop::revoke));
  const auto before = co_await until(etcd->client(), "/a", "1");
  co_await etcd->client().revoke(before.lease, soon());
  const auto after = co_await until(etcd->client(), "/a", "1");
  EXPECT_NE(after.lease, before.lease);
  group.cancel();
  co_await group.join();
}

CO_TEST(Session, WritesAKeyAgainThatSomebodyRemoved) {
  const auto executor = co_await asio::this_coro::executor;
  const auto etcd = co_await EtcdFixture::start(executor);
  Session session(executor, etcd->client(), seconds(5), Log::silent());
  session.set("/a", "1");
  net::TaskGroup group(executor);
  group.spawn(session.run(Session::AtStop::revoke));
  co_await until(etcd->client(), "/a", "1");
  co_await etcd->client().erase("/a", soon());
  co_await until(etcd->client(), "/a", "1");
  group.cancel();
  co_await group.join();
}

CO_TEST(Session, TellsThatEtcdIsAwayAndThatItWas) {
  const auto executor = co_await asio::this_coro::executor;
  const auto etcd = co_await EtcdFixture::start(executor);
  Session session(executor, etcd->client(), seconds(5), Log::silent());
  session.set("/a", "1");
  net::TaskGroup group(executor);
  group.spawn(session.run(Session::AtStop::leave));
  co_await until(etcd->client(), "/a", "1");
  EXPECT_FALSE(session.was_away(std::chrono::hours(1))) << "before anything happened";
  etcd->kill();
  const auto is_away = [&session] { return session.was_away(seconds(0)); };
  co_await net::eventually(is_away, "it tells that etcd is away");
  co_await etcd->restart();
  const auto is_back = [&session] { return !session.was_away(seconds(0)); };
  co_await net::eventually(is_back, "it tells that etcd answers");
  EXPECT_TRUE(session.was_away(std::chrono::hours(1))) << "it was away less than an hour ago";
  group.cancel();
  co_await group.join();
}

CO_TEST(Session, CatchesUpWithAnEtcdThatWasKilled) {
  const auto executor = co_await asio::this_coro::executor;
  const auto etcd = co_await EtcdFixture::start(executor);
  Session session(executor, etcd->client(), seconds(60), Log::silent());
  session.set("/a", "1");
  net::TaskGroup group(executor);
  group.spawn(session.run(Session::AtStop::revoke));
  co_await until(etcd->client(), "/a", "1");
  etcd->kill();
  session.set("/a", "2");
  session.set("/b", "1");
  co_await etcd->restart();
  co_await until(etcd->client(), "/a", "2");
  co_await until(etcd->client(), "/b", "1");
  group.cancel();
  co_await group.join();
}

}  // namespace
}  // namespace deis::etcd
