#include "core/base/error.h"
#include "core/base/random.h"
#include "core/etcd/etcd_fixture.h"
#include "core/net/co_test.h"
#include "core/net/task_group.h"
#include "store/directory_backend.h"
#include "store/volume_keeper.h"

#include <boost/asio/this_coro.hpp>

namespace deis::store {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// A keeper that runs on a real etcd and a temporary root.
class Keeping {
 public:
  Keeping(const Executor& executor, etcd::EtcdFixture& etcd)
      : etcd_(etcd),
        group_(executor),
        keeper_(etcd.client(), workers_, metrics_, etcd.directory() / "root", Log::silent()) {}

  void start() { group_.spawn(keeper_.run()); }
  Task<> stop() {
    group_.cancel();
    co_await group_.join();
  }

  Task<> until(std::function<bool()> condition) {
    const Deadline deadline = in(seconds(8));
    while (!condition()) {
      if (std::chrono::steady_clock::now() > deadline) throw Error(ErrorCode::timeout, keeper_.trouble());
      co_await net::sleep_for(milliseconds(5));
    }
  }

  Task<std::string> value_of(std::string component) {
    const auto found = co_await etcd_.client().get(component::volume_key(component), in(seconds(5)));
    if (!found) co_return "";
    co_return found->value;
  }

  VolumeKeeper& keeper() { return keeper_; }
  std::string path(const std::string& component) { return (etcd_.directory() / "root" / component).string(); }

 private:
  etcd::EtcdFixture& etcd_;
  net::TaskGroup group_;
  net::WorkerPool workers_{1};
  component::Metrics metrics_;
  VolumeKeeper keeper_;
};

CO_TEST(VolumeKeeper, PreparesAndPublishesTheVolumeOfEveryComponent) {
  const auto executor = co_await asio::this_coro::executor;
  const auto etcd = co_await etcd::EtcdFixture::start(executor);
  Keeping keeping(executor, *etcd);
  keeping.start();
  const std::function<bool()> published = [&] { return keeping.keeper().unpublished().empty(); };
  co_await keeping.until(published);
  for (const auto& spec : all_volumes()) {
    const auto value = co_await keeping.value_of(std::string(spec.component));
    const auto volume = component::read_volume("key", value);
    EXPECT_EQ(volume.path, keeping.path(std::string(spec.component)));
    EXPECT_TRUE(std::filesystem::is_directory(volume.path));
  }
  co_await keeping.stop();
}

CO_TEST(VolumeKeeper, PublishesAgainWhenEtcdWasEmptied) {
  const auto executor = co_await asio::this_coro::executor;
  const auto etcd = co_await etcd::EtcdFixture::start(executor);
  Keeping keeping(executor, *etcd);
  keeping.start();
  const std::function<bool()> published = [&] { return keeping.keeper().unpublished().empty(); };
  co_await keeping.until(published);
  co_await etcd->wipe();
  for (std::string value; value.empty();) value = co_await keeping.value_of("database");
  co_await keeping.stop();
}

CO_TEST(VolumeKeeper, NeverChangesAKeyThatNamesAnotherPlace) {
  const auto executor = co_await asio::this_coro::executor;
  const auto etcd = co_await etcd::EtcdFixture::start(executor);
  component::Volume elsewhere;
  elsewhere.driver = "directory";
  elsewhere.path = "/mnt/precious";
  const auto value = component::volume_value(elsewhere);
  co_await etcd->client().put(component::volume_key("database"), value, in(seconds(5)));
  Keeping keeping(executor, *etcd);
  keeping.start();
  const std::function<bool()> reported = [&] {
    return keeping.keeper().unpublished() ==
           "database: /deis/store/volumes/database names another place; it is left alone";
  };
  co_await keeping.until(reported);
  const auto found = co_await keeping.value_of("database");
  EXPECT_EQ(found, value);
  co_await keeping.stop();
}

}  // namespace
}  // namespace deis::store
