// One-off commands against a stand-in for the Engine that answers as a real one does when runc fails.

#include "controller/scheduler/one_off.h"

#include "controller/scheduler/swarm_engine.h"
#include "core/base/error.h"
#include "core/net/co_test.h"
#include "core/net/http_server.h"
#include "core/net/task_group.h"

#include <gmock/gmock.h>

#include <algorithm>

namespace deis::controller {
namespace {

constexpr auto kRuncFailed =
    R"({"message":"OCI runtime create failed: container_linux.go:380: starting container process caused: )"
    R"(exec: permission to run /bin/bash: unknown"})";

net::Reply json_reply(int status, std::string body) {
  return net::Reply::json(status, std::move(body));
}

Task<> say_nothing(std::unique_ptr<net::Stream> stream) {
  char byte;
  co_await stream->read_some(&byte, 1, in(std::chrono::seconds(10)));  // until the client is gone
}

class RuncFails {
 public:
  explicit RuncFails(Executor executor)
      : server_(
            executor,
            net::Endpoint::tcp("127.0.0.1", 0),
            [this](net::Request request) { return answer(std::move(request)); },
            Log::silent()),
        group_(executor) {
    group_.spawn(server_.run());
  }
  Task<> stop() {
    group_.cancel();
    co_await group_.join();
  }
  net::Endpoint endpoint() const { return server_.endpoint(); }
  const std::vector<std::string>& asked() const { return asked_; }

 private:
  // Requests are noted without version and query.
  Task<net::Reply> answer(net::Request request) {
    const std::string path(request.path());
    net::Reply reply = json_reply(200, "OK");
    reply.headers.set("Api-Version", "1.41");
    if (path == "/_ping") co_return reply;
    const std::string asked = request.method + path.substr(path.find('/', 1));
    asked_.push_back(asked);
    if (asked == "GET/networks") co_return json_reply(200, R"([{"Id":"n","Name":"deis-apps"}])");
    if (asked == "POST/containers/create") co_return json_reply(201, R"({"Id":"c1"})");
    if (asked == "POST/containers/c1/start") co_return json_reply(500, kRuncFailed);
    if (asked == "POST/containers/c1/attach") {
      reply.status = 101;
      reply.headers.set("Upgrade", "tcp");
      reply.headers.set("Connection", "Upgrade");
      reply.upgraded = say_nothing;
      co_return reply;
    }
    co_return json_reply(asked.starts_with("DELETE") ? 204 : 200, asked.starts_with("DELETE") ? "" : "{}");
  }

  net::HttpServer server_;
  net::TaskGroup group_;
  std::vector<std::string> asked_;
};

CO_TEST(OneOff, ThatCannotBeStartedSaysWhyIsTriedOnceAndLeavesNoContainer) {
  const auto executor = co_await asio::this_coro::executor;
  RuncFails server(executor);
  docker::Client docker(executor, server.endpoint());
  SwarmEngine engine(executor, docker, Log::silent());
  net::TaskGroup group(executor);
  group.spawn(engine.serve());
  JobSpec job{.name = JobName::parse("shop_v2.run.1"), .image = "localhost:5000/shop:git-1"};
  std::string reason;
  try {
    co_await engine.run(job, in(std::chrono::seconds(20)));
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::unavailable);
    reason = error.what();
  }
  EXPECT_THAT(reason, testing::HasSubstr("permission to run /bin/bash"));
  const auto& asked = server.asked();
  const auto removed = [&] { return std::ranges::count(asked, "DELETE/containers/c1") == 1; };
  co_await net::eventually(removed, "the container to be removed");
  EXPECT_EQ(std::ranges::count(asked, "POST/containers/c1/start"), 1);
  group.cancel();
  co_await group.join();
  co_await server.stop();
}

}  // namespace
}  // namespace deis::controller
