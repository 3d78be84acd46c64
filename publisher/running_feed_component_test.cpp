// What routers are told of the containers of a real Engine. They carry a role of their own, so that a
// platform on the same Engine does not see them.

#include "core/base/lines.h"
#include "core/base/random.h"
#include "core/docker/docker_fixture.h"
#include "core/json/json.h"
#include "core/net/co_test.h"
#include "core/net/http_client.h"
#include "core/net/task_group.h"
#include "publisher/running_feed.h"

namespace deis::publisher {
namespace {

using namespace std::chrono_literals;

constexpr auto kFeedImage = "localhost:5000/feed-test:git-00000000";

class FeedBench {
 public:
  explicit FeedBench(Executor executor)
      : docker(executor, net::Endpoint::unix_socket(docker::kTestSocket)),
        feed(executor, docker, role, Log::silent()),
        group(executor),
        server_(
            executor,
            net::Endpoint::tcp("127.0.0.1", 0),
            [this](net::Request) -> Task<net::Reply> { co_return feed.subscribe(); },
            Log::silent()),
        client_(executor, server_.endpoint()) {
    group.spawn(server_.run());
  }

  Task<std::string> container() {
    docker::ContainerSpec spec;
    spec.image = kFeedImage;
    spec.arguments.assign(1, "/bin/sleep");
    spec.arguments.push_back("600");
    spec.labels["deis.role"] = role;
    spec.labels["deis.app"] = "shop";
    const std::string id = co_await docker.create_container(role + random_hex(3), spec, in(20s));
    containers_.push_back(id);
    co_await docker.start_container(id, in(20s));
    co_return id;
  }
  Task<> listen() {
    net::Request request;
    request.target = "/running";
    stream_ = co_await client_.open(std::move(request), in(20s));
  }
  // The next line that is no heartbeat.
  Task<std::string> line() {
    const Deadline deadline = in(20s);
    for (;;) {
      while (const auto line = lines_.next()) {
        if (*line != "{}") co_return *line;
      }
      const std::string piece = co_await stream_->read(deadline);
      if (piece.empty()) co_return "the end";
      lines_.add(piece);
    }
  }
  Task<> end() {
    group.cancel();
    co_await group.join();
    for (const std::string& id : containers_) co_await docker.remove_container(id, true, in(20s));
  }

  std::string role = "feed-test-" + random_hex(3);
  docker::Client docker;
  RunningFeed feed;
  net::TaskGroup group;

 private:
  net::HttpServer server_;
  net::HttpClient client_;
  std::unique_ptr<net::ResponseStream> stream_;
  LineSplitter lines_{1000, "a line"};
  std::vector<std::string> containers_;
};

Task<> listen_to_a_feed() {
  FeedBench bench(co_await asio::this_coro::executor);
  co_await docker::build_busybox(bench.docker, kFeedImage);
  const std::string first = co_await bench.container();
  bench.group.spawn(bench.feed.run());
  co_await bench.listen();
  const std::string whole = co_await bench.line();
  EXPECT_EQ(whole, R"({"running":[")" + first + R"("]})");
  const std::string second = co_await bench.container();
  const std::string started = co_await bench.line();
  EXPECT_EQ(started, R"({"app":"shop","started":")" + second + R"("})");
  co_await bench.docker.kill_container(first, "SIGKILL", in(20s));
  const std::string ended = co_await bench.line();
  EXPECT_EQ(ended, R"({"app":"shop","ended":")" + first + R"("})");
  co_await bench.listen();
  const std::string again = co_await bench.line();
  EXPECT_EQ(again, R"({"running":[")" + second + R"("]})");
  co_await bench.end();
  const std::string end = co_await bench.line();
  EXPECT_EQ(end, "the end");
}

TEST(RunningFeed, TellsWhatRunsThenWhatStartsAndEndsAndEndsWithThePublisher) {
  net::run_test_task(listen_to_a_feed(), std::chrono::seconds(120));
}

}  // namespace
}  // namespace deis::publisher
