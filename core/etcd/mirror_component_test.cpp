#include "core/base/error.h"
#include "core/etcd/etcd_fixture.h"
#include "core/etcd/mirror.h"
#include "core/net/co_test.h"
#include "core/net/event.h"
#include "core/net/task_group.h"

#include <boost/asio/this_coro.hpp>

namespace deis::etcd {
namespace {

using std::chrono::seconds;

// A mirror that runs, and the conditions a test waits for.
class Follower {
 public:
  Follower(const Executor& executor, Client& client)
      : mirror_(client, "/m/", Log::silent()), updated_(executor), group_(executor) {
    group_.spawn(follow());
  }

  Task<> until(std::string key, std::string value) {
    for (;;) {
      const auto found = copy_.find(key);
      if (value.empty() ? found == copy_.end() : found != copy_.end() && found->second == value) co_return;
      const bool news = co_await updated_.wait(soon());
      if (!news) throw Error(ErrorCode::timeout, key + " did not become '" + value + "'");
    }
  }

  Task<> until_revision(Revision revision) {
    while (mirror_.revision() < revision) {
      const bool news = co_await updated_.wait(soon());
      if (!news) throw Error(ErrorCode::timeout, "the revision did not move");
    }
  }

  Task<> stop() {
    group_.cancel();
    co_await group_.join();
    EXPECT_EQ(copy_.size(), mirror_.entries().size());
  }

 private:
  Task<> follow() {
    auto on_update = [this](const MirrorUpdate& update) -> Task<> {
      for (const auto& change : update.changes) {
        if (change.deleted) {
          copy_.erase(change.entry.key);
        } else {
          copy_[change.entry.key] = change.entry.value;
        }
      }
      updated_.notify();
      co_return;
    };
    co_await mirror_.run(on_update);
  }

  Mirror mirror_;
  std::map<std::string, std::string> copy_;  // made from the changes alone
  net::Event updated_;
  net::TaskGroup group_;
};

CO_TEST(Mirror, StartsWithTheContentAndFollowsEveryChange) {
  const auto executor = co_await asio::this_coro::executor;
  const auto etcd = co_await EtcdFixture::start(executor);
  co_await etcd->client().put("/m/old", "1", soon());
  Follower follower(executor, etcd->client());
  co_await follower.until("/m/old", "1");
  co_await etcd->client().put("/m/new", "2", soon());
  co_await follower.until("/m/new", "2");
  co_await etcd->client().erase("/m/old", soon());
  co_await follower.until("/m/old", "");
  co_await follower.stop();
}

CO_TEST(Mirror, LearnsOfRevisionsThatDoNotTouchItsPrefix) {
  const auto executor = co_await asio::this_coro::executor;
  const auto etcd = co_await EtcdFixture::start(executor);
  Follower follower(executor, etcd->client());
  co_await follower.until("/m/none", "");
  const auto revision = co_await etcd->client().put("/elsewhere", "1", soon());
  co_await follower.until_revision(revision);
  co_await follower.stop();
}

CO_TEST(Mirror, SurvivesThatEtcdIsKilledAndMissesNothing) {
  const auto executor = co_await asio::this_coro::executor;
  const auto etcd = co_await EtcdFixture::start(executor);
  co_await etcd->client().put("/m/a", "1", soon());
  Follower follower(executor, etcd->client());
  co_await follower.until("/m/a", "1");
  co_await etcd->restart();
  co_await etcd->client().erase("/m/a", soon());
  co_await etcd->client().put("/m/b", "2", soon());
  co_await follower.until("/m/b", "2");
  co_await follower.until("/m/a", "");
  co_await follower.stop();
}

CO_TEST(Mirror, SurvivesACompactionWhileEtcdWasAway) {
  const auto executor = co_await asio::this_coro::executor;
  const auto etcd = co_await EtcdFixture::start(executor);
  co_await etcd->client().put("/m/a", "1", soon());
  Follower follower(executor, etcd->client());
  co_await follower.until("/m/a", "1");
  co_await etcd->restart();
  for (int i = 0; i < 5; ++i) co_await etcd->client().put("/m/a", std::to_string(i), soon());
  co_await etcd->compact();
  co_await follower.until("/m/a", "4");
  co_await follower.stop();
}

CO_TEST(Mirror, NoticesAnEtcdThatStartsFromNothing) {
  const auto executor = co_await asio::this_coro::executor;
  const auto etcd = co_await EtcdFixture::start(executor);
  for (int i = 0; i < 5; ++i) co_await etcd->client().put("/m/a", std::to_string(i), soon());
  Follower follower(executor, etcd->client());
  co_await follower.until("/m/a", "4");
  co_await etcd->wipe();
  co_await follower.until("/m/a", "");
  co_await etcd->client().put("/m/b", "1", soon());
  co_await follower.until("/m/b", "1");
  co_await follower.stop();
}

CO_TEST(Mirror, EndsWithTheFailureOfItsConsumer) {
  const auto executor = co_await asio::this_coro::executor;
  const auto etcd = co_await EtcdFixture::start(executor);
  Mirror mirror(etcd->client(), "/m/", Log::silent());
  std::string what;
  try {
    auto on_update = [](const MirrorUpdate&) -> Task<> { throw Error(ErrorCode::unavailable, "consumer"); };
    Mirror::OnUpdate consumer = on_update;
    co_await mirror.run(consumer);
  } catch (const Error& error) {
    what = error.what();
  }
  EXPECT_EQ(what, "consumer");
}

}  // namespace
}  // namespace deis::etcd
