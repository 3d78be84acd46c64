#include "core/base/error.h"
#include "core/component/settings.h"
#include "core/component/volume.h"
#include "core/etcd/etcd_fixture.h"
#include "core/net/co_test.h"
#include "core/net/task_group.h"

#include <boost/asio/this_coro.hpp>

namespace deis::component {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Deadline soon() {
  return in(seconds(8));
}

CO_TEST(Settings, FollowTheKeysAndKeepTheLastGoodValue) {
  const auto executor = co_await asio::this_coro::executor;
  const auto etcd = co_await etcd::EtcdFixture::start(executor);
  co_await etcd->client().put("/deis/x/port", "7000", soon());
  Settings settings(executor, etcd->client(), "/deis/x/", Log::silent());
  net::TaskGroup group(executor);
  group.spawn(settings.run());
  co_await settings.wait_synced();
  EXPECT_EQ(settings.get_int("port", 5000, 1, 65535), 7000);
  EXPECT_EQ(settings.get("name", "none"), "none");
  EXPECT_TRUE(settings.get_bool("on", true));
  EXPECT_EQ(settings.get_word("name", "a", {"a", "b"}), "a");

  auto revision = settings.revision();
  co_await etcd->client().put("/deis/x/port", "no number", soon());
  co_await settings.changed_since(revision);
  EXPECT_EQ(settings.get_int("port", 5000, 1, 65535), 7000);

  for (const char* word : {"b", "c"}) {
    revision = settings.revision();
    co_await etcd->client().put("/deis/x/name", word, soon());
    co_await settings.changed_since(revision);
    EXPECT_EQ(settings.get_word("name", "a", {"a", "b"}), "b");
  }

  revision = settings.revision();
  co_await etcd->client().erase("/deis/x/port", soon());
  co_await settings.changed_since(revision);
  EXPECT_EQ(settings.get_int("port", 5000, 1, 65535), 5000);
  group.cancel();
  co_await group.join();
}

CO_TEST(Settings, NoticeThatEtcdStartsFromNothing) {
  const auto executor = co_await asio::this_coro::executor;
  const auto etcd = co_await etcd::EtcdFixture::start(executor);
  for (int i = 0; i < 5; ++i) co_await etcd->client().put("/deis/x/name", std::to_string(i), soon());
  Settings settings(executor, etcd->client(), "/deis/x/", Log::silent());
  net::TaskGroup group(executor);
  group.spawn(settings.run());
  co_await settings.wait_synced();
  const auto revision = settings.revision();
  co_await etcd->wipe();
  co_await settings.changed_since(revision);
  EXPECT_EQ(settings.find("name"), std::nullopt);
  group.cancel();
  co_await group.join();
}

CO_TEST(Volume, IsWhatTheStoreWrote) {
  const auto executor = co_await asio::this_coro::executor;
  const auto etcd = co_await etcd::EtcdFixture::start(executor);
  Volume volume;
  volume.driver = "directory";
  volume.path = "/var/lib/deis/x";
  co_await etcd->client().put(volume_key("x"), volume_value(volume), soon());
  const auto found = co_await wait_for_volume(executor, etcd->client(), "x", soon());
  EXPECT_EQ(found, volume);
}

CO_TEST(Volume, ThatIsNotPublishedIsUnavailableAndAnUnknownDriverInvalid) {
  const auto executor = co_await asio::this_coro::executor;
  const auto etcd = co_await etcd::EtcdFixture::start(executor);
  auto code_for = [&](std::string component, Deadline deadline) -> Task<ErrorCode> {
    try {
      co_await wait_for_volume(executor, etcd->client(), component, deadline);
    } catch (const Error& error) {
      co_return error.code();
    }
    co_return ErrorCode::internal;
  };
  const auto missing = co_await code_for("x", in(milliseconds(20)));
  EXPECT_EQ(missing, ErrorCode::unavailable);
  co_await etcd->client().put(volume_key("x"), R"({"driver":"tape","path":"/x"})", soon());
  const auto unknown = co_await code_for("x", soon());
  EXPECT_EQ(unknown, ErrorCode::invalid);
}

}  // namespace
}  // namespace deis::component
