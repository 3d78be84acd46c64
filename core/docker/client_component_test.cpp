// Against the Engine of this machine. Everything made here bears the label deis.test=docker and is removed.

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/docker/demux.h"
#include "core/docker/docker_fixture.h"
#include "core/net/co_test.h"

#include <algorithm>

namespace deis::docker {
namespace {

using namespace std::chrono_literals;

constexpr auto kImage = "deis-docker-test:1";
constexpr auto kLabel = "deis.test";

Deadline soon() {
  return in(30s);
}

ContainerSpec shell(std::string script) {
  ContainerSpec spec;
  spec.image = kImage;
  spec.arguments = {"/bin/ash", "-c", std::move(script)};
  spec.labels = {{kLabel, "docker"}};
  return spec;
}

std::string a_name() {
  return "deis-docker-test-" + random_hex(4);
}

Task<> with_engine(std::function<Task<>(Client&)> test) {
  const Executor executor = co_await asio::this_coro::executor;
  Client docker(executor, net::Endpoint::unix_socket(kTestSocket));
  co_await build_busybox(docker, kImage);
  std::exception_ptr failure;
  try {
    co_await test(docker);
  } catch (...) {
    failure = std::current_exception();
  }
  const std::vector<std::string> labels(1, std::string(kLabel) + "=docker");
  const auto left = co_await docker.containers(true, labels, soon());
  for (const ContainerSummary& container : left) co_await docker.remove_container(container.id, true, soon());
  if (failure) std::rethrow_exception(failure);
}

#define DOCKER_TEST(Name, body)                                      \
  TEST(Docker, Name) {                                               \
    const std::function<Task<>(Client&)> test = body;                \
    net::run_test_task(with_engine(test), std::chrono::seconds(90)); \
  }

Task<ErrorCode> code_of(Task<> work) {
  ErrorCode code{};
  try {
    co_await std::move(work);
    ADD_FAILURE() << "nothing was thrown";
  } catch (const Error& error) {
    code = error.code();
  }
  co_return code;
}

Task<> runs_a_container(Client& docker) {
  const std::string name = a_name();
  const std::string id =
      co_await docker.create_container(name, shell("echo out; echo err >&2; exit 7"), soon());
  co_await docker.start_container(id, soon());
  const int status = co_await docker.wait_container(id, soon());
  EXPECT_EQ(status, 7);
  const auto details = co_await docker.inspect_container(name, soon());
  EXPECT_EQ(details.id, id);
  EXPECT_EQ(details.exit_code, 7);
  EXPECT_FALSE(details.running);
  EXPECT_EQ(details.exposed_tcp_ports, std::vector<int>(1, 8080));
  EXPECT_EQ(details.labels.at(kLabel), "docker");
}
DOCKER_TEST(RunsAContainerAndTellsHowItEnded, runs_a_container)

Task<> tells_logs_apart(Client& docker) {
  const std::string id = co_await docker.create_container(a_name(), shell("echo out; echo err >&2"), soon());
  co_await docker.start_container(id, soon());
  LogOptions options;
  options.follow = true;
  options.timestamps = false;
  const auto logs = co_await docker.logs(id, options, false, soon());
  std::string out, err;
  for (;;) {
    const std::optional<LogPiece> piece = co_await logs->next(soon());
    if (!piece) break;
    (piece->stream == LogPiece::Stream::out ? out : err) += piece->data;
  }
  EXPECT_EQ(out, "out\n");
  EXPECT_EQ(err, "err\n");
}
DOCKER_TEST(FollowsLogsToTheirEndAndTellsTheStreamsApart, tells_logs_apart)

Task<> attaches(Client& docker) {
  ContainerSpec spec = shell("echo ready; exec sleep 3600");
  const std::string id = co_await docker.create_container(a_name(), spec, soon());
  const net::Upgraded attached = co_await docker.attach(id, false, soon());
  co_await docker.start_container(id, soon());
  LogDemux demux;
  std::string seen;
  while (seen.find('\n') == std::string::npos) {
    char bytes[256];
    const std::size_t count = co_await attached.stream->read_some(bytes, sizeof(bytes), soon());
    CO_ASSERT_TRUE(count > 0);
    for (const LogPiece& piece : demux.feed(std::string_view(bytes, count))) seen += piece.data;
  }
  EXPECT_EQ(seen, "ready\n");
}
DOCKER_TEST(AttachedSeesTheOutputFromTheFirstByte, attaches)

Task<> tells_events(Client& docker) {
  const std::vector<std::string> types(1, "container");
  const auto events = co_await docker.events(types, soon());
  const std::string id = co_await docker.create_container(a_name(), shell("exit 3"), soon());
  co_await docker.start_container(id, soon());
  std::vector<std::string> actions;
  while (actions.empty() || actions.back() != "die") {
    const std::optional<Event> event = co_await events->next(soon());
    CO_ASSERT_TRUE(event.has_value());
    if (event->id != id) continue;
    actions.push_back(event->action);
    if (event->action == "die") {
      EXPECT_EQ(event->attributes.at("exitCode"), "3");
    }
  }
  const std::vector<std::string> expected{"create", "start", "die"};
  EXPECT_EQ(actions, expected);
}
DOCKER_TEST(EventsTellALifeInItsOrder, tells_events)

Task<> stops_with_grace(Client& docker) {
  const std::string id = co_await docker.create_container(
      a_name(), shell("trap 'exit 5' TERM; echo up; while :; do sleep 0.1; done"), soon());
  co_await docker.start_container(id, soon());
  LogOptions options;
  options.follow = true;
  const auto logs = co_await docker.logs(id, options, false, soon());
  co_await logs->next(soon());  // the trap is set
  co_await docker.stop_container(id, 20s, soon());
  const auto details = co_await docker.inspect_container(id, soon());
  EXPECT_EQ(details.exit_code, 5);
}
DOCKER_TEST(StopLetsTheProcessEndByItself, stops_with_grace)

Task<> names_errors(Client& docker) {
  const ErrorCode unknown = co_await code_of(docker.start_container("no-such-container", soon()));
  EXPECT_EQ(unknown, ErrorCode::not_found);
  const std::string name = a_name();
  co_await docker.create_container(name, shell("true"), soon());
  auto again = [](Client& client, std::string taken) -> Task<> {
    co_await client.create_container(taken, shell("true"), soon());
  };
  const ErrorCode taken = co_await code_of(again(docker, name));
  EXPECT_EQ(taken, ErrorCode::conflict);
}
DOCKER_TEST(ErrorsKeepTheirKind, names_errors)

Task<> tells_build_errors(Client& docker) {
  const net::BodySource nothing = []() -> Task<std::string> { co_return ""; };
  BuildOptions options;
  options.tag = "deis-docker-test:broken";
  std::string problem;
  try {
    const auto build = co_await docker.build(nothing, options, soon());
    for (std::optional<Progress> line = co_await build->next(soon()); line;
         line = co_await build->next(soon()))
      problem += line->error;
  } catch (const Error& error) {
    problem = error.what();
  }
  EXPECT_NE(problem.find("Dockerfile"), std::string::npos) << problem;
}
DOCKER_TEST(ABuildThatCannotBeTellsWhy, tells_build_errors)

Task<> tags(Client& docker) {
  const std::string repository = "deis-docker-test-" + random_hex(3);
  co_await docker.tag_image(kImage, repository, "v1", soon());
  const bool there = co_await docker.image_exists(repository + ":v1", soon());
  const std::vector<std::string> filter(1, repository);
  const auto listed = co_await docker.images(filter, soon());
  EXPECT_TRUE(there);
  EXPECT_EQ(listed.size(), 1u);
  co_await docker.remove_image(repository + ":v1", false, soon());
  const bool still_there = co_await docker.image_exists(repository + ":v1", soon());
  EXPECT_FALSE(still_there);
}
DOCKER_TEST(TagsListsAndRemovesImages, tags)

Task<> engine_away() {
  const Executor executor = co_await asio::this_coro::executor;
  Client docker(executor, net::Endpoint::unix_socket("/nonexistent/docker.sock"));
  const ErrorCode code = co_await code_of(docker.ping(soon()));
  EXPECT_EQ(code, ErrorCode::unavailable);
}
TEST(Docker, AnEngineThatIsAwayIsUnavailable) {
  net::run_test_task(engine_away());
}

}  // namespace
}  // namespace deis::docker
