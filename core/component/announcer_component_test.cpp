#include "core/base/error.h"
#include "core/component/announcer.h"
#include "core/component/directory.h"
#include "core/etcd/etcd_fixture.h"
#include "core/net/co_test.h"
#include "core/net/task_group.h"

#include <boost/asio/this_coro.hpp>

namespace deis::component {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Announcer::Timing quick() {
  Announcer::Timing timing;
  timing.interval = timing.first_interval = milliseconds(5);
  return timing;
}

Task<> until(std::function<bool()> condition) {
  const Deadline deadline = in(seconds(8));
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) throw Error(ErrorCode::timeout, "it did not happen");
    co_await net::sleep_for(milliseconds(2));
  }
}

CO_TEST(Announcer, AnAddressIsFoundOnlyWhileTheProbePasses) {
  const auto executor = co_await asio::this_coro::executor;
  const auto etcd = co_await etcd::EtcdFixture::start(executor);
  etcd::Session session(executor, etcd->client(), seconds(60), Log::silent());
  Directory directory(executor, etcd->client(), "thing", Log::silent());
  bool well = false;
  const Announcer::Probe probe = [&](Deadline) -> Task<bool> { co_return well; };
  const auto address = net::Endpoint::tcp("127.0.0.1", 8000);
  Announcer announcer(
      session, announce_key("thing", "h1"), announce_value(address), probe, Log::silent(), quick());

  net::TaskGroup group(executor);
  group.spawn(session.run(etcd::Session::AtStop::revoke));
  group.spawn(directory.run());
  group.spawn(announcer.run());
  EXPECT_FALSE(directory.any().has_value());
  well = true;
  const auto host = co_await directory.wait(in(seconds(8)));
  EXPECT_EQ(host.id, "h1");
  EXPECT_EQ(host.address, address);
  well = false;
  const std::function<bool()> gone = [&] { return !directory.any().has_value(); };
  co_await until(gone);
  group.cancel();
  co_await group.join();
}

CO_TEST(Announcer, OneMissedProbeIsForgiven) {
  const auto executor = co_await asio::this_coro::executor;
  const auto etcd = co_await etcd::EtcdFixture::start(executor);
  etcd::Session session(executor, etcd->client(), seconds(60), Log::silent());
  int probes = 0;
  bool withdrawn = false;
  const Announcer::Probe probe = [&](Deadline) -> Task<bool> {
    if (probes > 0 && session.wanted().empty()) withdrawn = true;
    co_return ++probes % 2 == 1;
  };
  Announcer announcer(session, "/a", "{}", probe, Log::silent(), quick());
  net::TaskGroup group(executor);
  group.spawn(announcer.run());
  const std::function<bool()> often = [&] { return probes >= 6; };
  co_await until(often);
  EXPECT_FALSE(withdrawn);
  group.cancel();
  co_await group.join();
}

CO_TEST(Directory, WaitingForWhatIsNotAnnouncedEndsAtTheDeadline) {
  const auto executor = co_await asio::this_coro::executor;
  const auto etcd = co_await etcd::EtcdFixture::start(executor);
  Directory directory(executor, etcd->client(), "thing", Log::silent());
  net::TaskGroup group(executor);
  group.spawn(directory.run());
  std::string what;
  try {
    co_await directory.wait(in(milliseconds(50)));
  } catch (const Error& error) {
    what = error.what();
  }
  EXPECT_EQ(what, "thing is not announced in etcd");
  group.cancel();
  co_await group.join();
}

}  // namespace
}  // namespace deis::component
