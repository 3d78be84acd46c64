// Attached one-off commands over HTTP and WebSocket. The command is that of the engine in memory
// (scheduler/memory_terminal.h).

#include "controller/api/api_fixture.h"
#include "core/net/websocket.h"

namespace deis::controller::api {
namespace {

using namespace std::string_literals;
using Socket = std::unique_ptr<net::WebSocket>;

Task<Answer> start(ApiFixture& api, std::string token, std::string more = "") {
  co_return co_await api.post(token, "/v1/apps/shop/run/", R"({"command":"bash","attach":true)" + more + "}");
}

Task<Socket> attach(ApiFixture& api, std::string token, std::string session) {
  net::Request request;
  request.target = "/v1/apps/shop/run/" + session + "/";
  request.headers.set("Authorization", "token " + token);
  co_return co_await net::connect_websocket(api.client(), std::move(request), in(std::chrono::seconds(10)));
}

// The status that an attachment is refused with.
Task<int> refusal(ApiFixture& api, std::string token, std::string session) {
  try {
    co_await attach(api, token, session);
    co_return 101;
  } catch (const net::UpgradeRefused& error) {
    co_return error.response().status;
  }
}

// As soon as the client before has wholly gone.
Task<Socket> attach_when_free(ApiFixture& api, std::string token, std::string session) {
  for (;;) {
    try {
      co_return co_await attach(api, token, session);
    } catch (const net::UpgradeRefused& error) {
      if (error.response().status != 409) throw;
    }
  }
}

// Messages up to and with one that ends with `last`: "1ready\n" for the channel and what came on it, text as
// it is; "closed 1000" at the end.
Task<std::string> read_until(net::WebSocket& socket, std::string last) {
  std::string text;
  while (!text.ends_with(last)) {
    const auto message = co_await socket.receive();
    if (!message) co_return text + "closed " + std::to_string(socket.peer_close()->code);
    if (message->is_text) {
      text += message->data;
    } else {
      text += std::to_string(message->data.at(0)) + message->data.substr(1);
    }
  }
  co_return text;
}

Task<> type(net::WebSocket& socket, std::string input) {
  co_await socket.send_binary("\0"s + input);
}

API_TEST(AttachedRun, CarriesATerminalAndTheExitCode) {
  const std::string ann = co_await api.user("ann");
  co_await api.deployed_app(ann, "shop");
  const Answer started = co_await start(api, ann, R"(,"tty":true,"rows":30,"cols":100)");
  EXPECT_EQ(started.status, 201) << started.body;
  EXPECT_EQ(started.text("/session").size(), 32U);
  EXPECT_TRUE(started.text("/container").starts_with("shop_v2.run.")) << started.body;
  const Socket socket = co_await attach(api, ann, started.text("/session"));
  co_await type(*socket, "hello\n");
  const std::string seen = co_await read_until(*socket, "hello\n");
  EXPECT_EQ(seen, "1ready\n130x100\n1hello\n");
  co_await socket->send_text(R"({"resize":{"rows":40,"cols":120}})");
  const std::string resized = co_await read_until(*socket, "\n");
  EXPECT_EQ(resized, "140x120\n");
  co_await type(*socket, "exit 42\n");
  const std::string end = co_await read_until(*socket, "never");
  EXPECT_EQ(end, R"({"exit":42}closed 1000)");
  co_await socket->finish();
  co_await api.platform->until([&] { return api.attached_runs->size() == 0; });
  EXPECT_FALSE(api.platform->jobs().contains(started.text("/container")));
}

API_TEST(AttachedRun, WithoutATerminalErrorsAreApartAndInputEnds) {
  const std::string ann = co_await api.user("ann");
  co_await api.deployed_app(ann, "shop");
  const Answer started = co_await start(api, ann);
  const Socket socket = co_await attach(api, ann, started.text("/session"));
  co_await type(*socket, "one\nerror bad\n");
  co_await socket->send_text(R"({"eof":true})");
  const std::string seen = co_await read_until(*socket, "never");
  EXPECT_EQ(seen, "1ready\n1one\n2bad\n{\"exit\":0}closed 1000");
  EXPECT_EQ(api.app_lines.back(), "INFO [shop]: ann runs 'bash'");
}

API_TEST(AttachedRun, SignalsReachTheCommand) {
  const std::string ann = co_await api.user("ann");
  co_await api.deployed_app(ann, "shop");
  const Answer started = co_await start(api, ann);
  const Socket socket = co_await attach(api, ann, started.text("/session"));
  co_await socket->send_text(R"({"signal":"INT"})");
  co_await socket->send_text(R"({"signal":"TERM"})");
  const std::string seen = co_await read_until(*socket, "never");
  EXPECT_EQ(seen, "1ready\n1signal INT\n1signal TERM\n{\"exit\":143}closed 1000");
}

API_TEST(AttachedRun, DetachedOneGoesOnAndIsAttachedToAgain) {
  const std::string ann = co_await api.user("ann");
  co_await api.deployed_app(ann, "shop");
  const Answer started = co_await start(api, ann);
  const std::string session = started.text("/session");
  const Socket first = co_await attach(api, ann, session);
  const int second_client = co_await refusal(api, ann, session);
  EXPECT_EQ(second_client, 409);
  co_await first->send_text(R"({"detach":true})");
  const std::string seen = co_await read_until(*first, "never");
  EXPECT_TRUE(seen.ends_with("closed 1000")) << seen;
  co_await first->finish();
  const Socket again = co_await attach_when_free(api, ann, session);
  co_await type(*again, "back\nexit 1\n");
  const std::string rest = co_await read_until(*again, "never");
  EXPECT_TRUE(rest.ends_with("1back\n{\"exit\":1}closed 1000")) << rest;
}

API_TEST(AttachedRun, ShortCommandIsAnsweredToAClientThatComesBehindItsEnd) {
  const std::string ann = co_await api.user("ann");
  co_await api.deployed_app(ann, "shop");
  const Answer started = co_await start(api, ann);
  co_await api.engine().remove(api.job(started.text("/container")), Deadline::max());
  const Socket socket = co_await attach(api, ann, started.text("/session"));
  const std::string seen = co_await read_until(*socket, "never");
  EXPECT_EQ(seen, "1ready\n{\"exit\":137}closed 1000");
  co_await socket->finish();
  co_await api.platform->until([&] { return api.attached_runs->size() == 0; });
  const int gone = co_await refusal(api, ann, started.text("/session"));
  EXPECT_EQ(gone, 404);
}

API_TEST(AttachedRun, ManyMegabytesOfOutputArriveWhole) {
  const std::string ann = co_await api.user("ann");
  co_await api.deployed_app(ann, "shop");
  const Answer started = co_await start(api, ann);
  const Socket socket = co_await attach(api, ann, started.text("/session"));
  constexpr std::size_t kSize = 20'000'000;
  co_await type(*socket, "flood " + std::to_string(kSize) + "\nexit 0\n");
  std::size_t total = 0;
  while (auto message = co_await socket->receive()) {
    if (!message->is_text) total += message->data.size() - 1;
  }
  EXPECT_EQ(total, kSize + std::string("ready\n").size());
}

API_TEST(AttachedRun, MessagesThatAreNoneEndTheConnectionAndNotTheRun) {
  const std::string ann = co_await api.user("ann");
  co_await api.deployed_app(ann, "shop");
  const Answer started = co_await start(api, ann);
  const std::vector<std::string> bad = {
      "no json",
      "[]",
      R"({"signal":"STOP"})",
      R"({"signal":9})",
      R"({"resize":{"rows":0,"cols":1}})",
      R"({"resize":{"rows":24,"cols":99999}})",
      R"({"eof":"yes"})"};
  for (const auto& text : bad) {
    const Socket socket = co_await attach_when_free(api, ann, started.text("/session"));
    co_await socket->send_text(text);
    const std::string seen = co_await read_until(*socket, "never");
    EXPECT_TRUE(seen.ends_with("closed 1008")) << text << ": " << seen;
    co_await socket->finish();
  }
  EXPECT_EQ(api.attached_runs->size(), 1U);
}

API_TEST(AttachedRun, BelongsToWhoStartedIt) {
  const std::string ann = co_await api.user("ann"), bob = co_await api.user("bob"),
                    eve = co_await api.user("eve");
  co_await api.deployed_app(bob, "shop");
  co_await api.post(bob, "/v1/apps/shop/perms/", R"({"username":"eve"})");
  const Answer started = co_await start(api, bob);
  const std::string session = started.text("/session");
  const int collaborator = co_await refusal(api, eve, session);
  EXPECT_EQ(collaborator, 404);
  const int anonymous = co_await refusal(api, "", session);
  EXPECT_EQ(anonymous, 401);
  const int unknown = co_await refusal(api, bob, "0123456789abcdef0123456789abcdef");
  EXPECT_EQ(unknown, 404);
  const int admin = co_await refusal(api, ann, session);
  EXPECT_EQ(admin, 101);
}

API_TEST(AttachedRun, RefusesWhatCannotBeStarted) {
  const std::string ann = co_await api.user("ann");
  co_await api.post(ann, "/v1/apps/", R"({"id":"shop"})");
  const Answer no_build = co_await start(api, ann);
  EXPECT_EQ(no_build.status, 400);
  EXPECT_EQ(no_build.text("/detail"), "No build associated with this release to run this command");
  const Answer fields = co_await start(api, ann, R"(,"tty":"yes","rows":0,"cols":"wide")");
  EXPECT_EQ(fields.status, 400);
  EXPECT_EQ(fields.json().as_object().size(), 3U) << fields.body;
  const Answer no_command = co_await api.post(ann, "/v1/apps/shop/run/", R"({"attach":true})");
  EXPECT_EQ(no_command.text("/command"), R"(["This field is required."])");
  const Answer odd = co_await api.post(ann, "/v1/apps/shop/run/", R"({"command":"ls","attach":1})");
  EXPECT_EQ(odd.text("/attach"), R"(["This field must be true or false."])");
  co_await api.post(
      ann, "/v1/apps/shop/builds/", R"({"image":"shop","sha":"12345678abc","procfile":{"web":"serve"}})");
  api.engine().set_failure_rates(MemoryEngine::FailureRates{.run = 1});
  const Answer failed = co_await start(api, ann);
  EXPECT_EQ(failed.status, 503) << failed.body;
  EXPECT_EQ(api.attached_runs->size(), 0U);
}

API_TEST(AttachedRun, PlainGetIsToldToUpgrade) {
  const std::string ann = co_await api.user("ann");
  co_await api.deployed_app(ann, "shop");
  const Answer started = co_await start(api, ann);
  const Answer plain = co_await api.get(ann, "/v1/apps/shop/run/" + started.text("/session") + "/");
  EXPECT_EQ(plain.status, 426);
  EXPECT_EQ(plain.headers.get("Upgrade"), "websocket");
}

API_TEST(AttachedRun, IsBoundedPerApp) {
  const std::string ann = co_await api.user("ann");
  co_await api.deployed_app(ann, "shop");
  for (std::size_t i = 0; i < AttachedRuns::kMaxOfApp; ++i) {
    const Answer one = co_await start(api, ann);
    EXPECT_EQ(one.status, 201);
  }
  const Answer too_many = co_await start(api, ann);
  EXPECT_EQ(too_many.status, 409) << too_many.body;
}

API_TEST(AttachedRun, EndsWithItsApp) {
  const std::string ann = co_await api.user("ann");
  co_await api.deployed_app(ann, "shop");
  const Answer started = co_await start(api, ann);
  const Socket socket = co_await attach(api, ann, started.text("/session"));
  const Answer gone = co_await api.del(ann, "/v1/apps/shop/");
  EXPECT_EQ(gone.status, 204) << gone.body;
  const std::string seen = co_await read_until(*socket, "never");
  EXPECT_EQ(seen, "1ready\n{\"exit\":137}closed 1000");
}

API_TEST(AttachedRun, IsLeftAloneByTheReconcilerAsLongAsItIsInHand) {
  const std::string ann = co_await api.user("ann");
  co_await api.deployed_app(ann, "shop");
  const Answer started = co_await start(api, ann);
  const std::string job = started.text("/container");
  for (int i = 0; i < 3; ++i) co_await api.platform->controller->reconciler.pass();
  EXPECT_TRUE(api.platform->jobs().contains(job));
  co_await api.attached_runs->stop();
  EXPECT_FALSE(api.platform->jobs().contains(job));
}

API_TEST(AttachedRun, ClientsAreToldThatTheControllerStops) {
  const std::string ann = co_await api.user("ann");
  co_await api.deployed_app(ann, "shop");
  const Answer started = co_await start(api, ann);
  const Socket socket = co_await attach(api, ann, started.text("/session"));
  const auto begin = std::chrono::steady_clock::now();
  co_await api.attached_runs->stop();
  const std::string seen = co_await read_until(*socket, "never");
  EXPECT_EQ(seen, "1ready\nclosed 1001");
  co_await socket->finish();
  co_await api.stop_server();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(3));
  EXPECT_FALSE(api.platform->jobs().contains(started.text("/container")));
}

}  // namespace
}  // namespace deis::controller::api
