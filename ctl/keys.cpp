// deisctl rotate-key: asks the controller for a new key of its secrets and shows how they move to it. The
// admin address is on loopback, so this works on the controller's machine only.

#include "core/base/error.h"
#include "core/json/json.h"
#include "core/net/http_client.h"
#include "ctl/commands.h"
#include "ctl/console.h"

#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>

namespace deis::ctl {
namespace {

constexpr std::chrono::milliseconds kLook{300};
constexpr int kConflict = 409;

// What the controller answers (controller/key_routes.h).
struct Key {
  std::string id;
};
BOOST_DESCRIBE_STRUCT(Key, (), (id))
struct Keys {
  std::vector<Key> keys;
  std::int64_t remaining = 0;
  std::string problem;
};
BOOST_DESCRIBE_STRUCT(Keys, (), (keys, remaining, problem))
struct Refusal {
  std::string detail;
};
BOOST_DESCRIBE_STRUCT(Refusal, (), (detail))

Task<net::Response> ask(net::HttpClient& controller, std::string method, std::string path) {
  net::Request request;
  request.method = std::move(method);
  request.target = std::move(path);
  co_return co_await controller.send(std::move(request), Platform::soon());
}

Task<Keys> read_keys(net::HttpClient& controller) {
  const net::Response answer = co_await ask(controller, "GET", "/keys");
  if (answer.status != 200) {
    throw Error(ErrorCode::unavailable, "the controller does not tell its keys: " + answer.body);
  }
  Keys keys = json::from<Keys>(json::parse(answer.body));
  if (keys.keys.empty())
    throw Error(ErrorCode::unavailable, "the controller has not opened its key ring yet");
  co_return keys;
}

Task<> begin(net::HttpClient& controller) {
  const net::Response answer = co_await ask(controller, "POST", "/keys/rotate");
  if (answer.status == kConflict) {
    progress("key", "a rotation is under way already");
    co_return;
  }
  if (answer.status != 202) {
    throw Error(
        ErrorCode::unavailable,
        "the controller makes no new key: " + json::from<Refusal>(json::parse(answer.body)).detail);
  }
}

}  // namespace

Task<> rotate_key(Platform& platform, std::vector<std::string> targets) {
  if (targets.size() != 1 || find_component(targets.front()).name != "controller") {
    throw Error(ErrorCode::invalid, "only the controller has a key to rotate: deisctl rotate-key controller");
  }
  const Stopwatch watch;
  const Deadline deadline = in(platform.options().wait);
  const auto& component = find_component("controller");
  const Executor executor = co_await asio::this_coro::executor;
  net::HttpClient controller(executor, net::Endpoint::tcp("127.0.0.1", component.admin_port));
  heading("Rotating the key of the controller's secrets");
  co_await begin(controller);
  Keys seen = co_await read_keys(controller);
  progress("key", seen.keys.back().id + " seals from now on");
  std::string told;
  while (seen.keys.size() > 1) {
    if (std::chrono::steady_clock::now() > deadline) {
      note(
          "not finished yet; it goes on by itself, also after a restart. This command again shows how far it "
          "is");
      co_return;
    }
    const std::string state =
        fmt::format("{} wait for it{}{}", seen.remaining, seen.problem.empty() ? "" : ": ", seen.problem);
    if (state != told) progress("secrets", state);
    told = state;
    co_await net::sleep_for(kLook);
    seen = co_await read_keys(controller);
  }
  progress("secrets", "all sealed with it; older keys dropped after " + watch.seconds());
  note("backups of the database made before now need the key ring of their time");
}

}  // namespace deis::ctl
