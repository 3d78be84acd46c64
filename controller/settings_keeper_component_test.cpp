// The controller's settings on a real etcd.

#include "controller/settings_keeper.h"
#include "core/etcd/etcd_fixture.h"
#include "core/net/co_test.h"
#include "core/net/task_group.h"

#include <boost/asio/this_coro.hpp>

namespace deis::controller {
namespace {

using HostName = ContainerSettings::HostName;

constexpr auto kMode = "/deis/controller/registrationMode";
constexpr auto kOldMode = "/deis/controller/registrationEnabled";
constexpr auto kHostName = "/deis/controller/unitHostname";
constexpr auto kPlacement = "/deis/platform/enablePlacementOptions";

Deadline soon() {
  return in(std::chrono::seconds(8));
}

using Condition = bool (*)(const PlatformSettings&);

struct Kept {
  Kept(Executor executor, etcd::Client& client)
      : etcd(client), settings(executor, client, Log::silent()), group(executor) {
    group.spawn(settings.run());
  }
  Task<> stop() {
    group.cancel();
    co_await group.join();
  }
  Task<std::string> value(std::string key) {
    const auto entry = co_await etcd.get(key, soon());
    co_return entry ? entry->value : "";
  }
  Task<> becomes(std::string key, std::string wanted) {
    for (;;) {
      const std::string now = co_await value(key);
      if (now == wanted) co_return;
      co_await net::sleep_for(std::chrono::milliseconds(5));
    }
  }
  Task<> comes_true(Condition condition) {
    const auto holds = [&] { return condition(settings.current()); };
    co_await net::eventually(holds, "the settings are as wanted");
  }

  etcd::Client& etcd;
  SettingsKeeper settings;
  net::TaskGroup group;
};

CO_TEST(ControllerSettings, AreWrittenWithTheirDefaultsAndWhatIsThereStays) {
  const auto executor = co_await asio::this_coro::executor;
  const auto etcd = co_await etcd::EtcdFixture::start(executor);
  co_await etcd->client().put(kMode, "admin_only", soon());
  Kept kept(executor, etcd->client());
  co_await kept.becomes(kHostName, "default");
  const std::string mode = co_await kept.value(kMode),
                    key = co_await kept.value("/deis/controller/builderKey");
  EXPECT_EQ(mode, "admin_only");
  EXPECT_EQ(key.size(), 88u) << "64 bytes in base64";
  co_await kept.stop();
}

CO_TEST(ControllerSettings, OfAnEarlierPlatformBecomeARegistrationMode) {
  const auto executor = co_await asio::this_coro::executor;
  const auto etcd = co_await etcd::EtcdFixture::start(executor);
  co_await etcd->client().put(kOldMode, "False", soon());
  Kept kept(executor, etcd->client());
  co_await kept.becomes(kMode, "disabled");
  co_await kept.becomes(kOldMode, "");
  const Condition is_closed = [](const PlatformSettings& now) {
    return now.registration_mode == RegistrationMode::disabled;
  };
  co_await kept.comes_true(is_closed);
  co_await kept.stop();
}

CO_TEST(ControllerSettings, OfContainersAreFollowedAndWordsThatMeanNothingIgnored) {
  const auto executor = co_await asio::this_coro::executor;
  const auto etcd = co_await etcd::EtcdFixture::start(executor);
  Kept kept(executor, etcd->client());
  const Condition is_first = [](const PlatformSettings& now) {
    return now.containers.host_name == HostName::job && now.containers.only_data_plane;
  };
  const Condition is_everywhere = [](const PlatformSettings& now) { return !now.containers.only_data_plane; };
  const Condition is_node = [](const PlatformSettings& now) {
    return now.containers.host_name == HostName::node;
  };
  auto& client = etcd->client();
  co_await client.put(kHostName, "application", soon());
  co_await client.put(kPlacement, "True", soon());
  co_await kept.comes_true(is_first);
  co_await client.put(kHostName, "whatever", soon());
  co_await client.put(kPlacement, "0", soon());
  co_await kept.comes_true(is_everywhere);
  EXPECT_EQ(kept.settings.current().containers.host_name, HostName::job);
  co_await client.put(kHostName, "server", soon());
  co_await kept.comes_true(is_node);
  co_await kept.stop();
}

}  // namespace
}  // namespace deis::controller
