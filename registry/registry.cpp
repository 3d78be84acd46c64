#include "registry/registry.h"

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/base/text.h"
#include "core/component/directory.h"
#include "core/component/durable_file.h"
#include "core/component/volume.h"
#include "registry/push_activity.h"

#include <cerrno>
#include <cstring>
#include <pwd.h>
#include <unistd.h>

namespace deis::registry {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::uint16_t kDefaultPort = 5000;
constexpr auto kPushWindow = minutes(10);  // what was uploaded before is a push that was given up
constexpr auto kCollectorTime = minutes(10);
constexpr auto kRestartTime = seconds(10);

// The account of Debian's package; without root we stay who we are.
const passwd* server_account() {
  return ::geteuid() == 0 ? ::getpwnam("docker-registry") : nullptr;
}

void give_to_server(const std::filesystem::path& path) {
  const passwd* account = server_account();
  if (!account) return;
  if (::chown(path.c_str(), account->pw_uid, account->pw_gid) != 0) {
    throw Error(ErrorCode::unavailable, "cannot give " + path.string() + " away: " + std::strerror(errno));
  }
}

std::string secret_in(const std::filesystem::path& file) {
  if (auto known = component::read_file(file)) return *std::move(known);
  auto fresh = random_hex(32);
  component::write_durably(file, fresh);
  return fresh;
}

std::size_t count_deleted(std::string_view output) {
  std::size_t count = 0;
  for (const auto line : split(output, '\n')) count += line.starts_with("blob eligible for deletion") ? 1 : 0;
  return count;
}

std::string busy_text(const std::string& repository) {
  return "'" + repository + "' is being pushed to; try again later";
}

}  // namespace

Registry::Registry(
    Executor executor,
    etcd::Client& etcd,
    etcd::Session& session,
    component::Settings& settings,
    net::WorkerPool& workers,
    std::string host_id,
    Log log)
    : executor_(executor),
      etcd_(etcd),
      session_(session),
      settings_(settings),
      workers_(workers),
      host_id_(std::move(host_id)),
      log_(std::move(log)),
      ask_(executor),
      done_(executor) {}

std::string Registry::trouble() const {
  if (!trouble_.empty()) return trouble_;
  return announcer_ && announcer_->announced() ? "" : "docker-registry does not answer";
}

Task<> Registry::run() {
  co_await prepare();
  net::TaskGroup group(executor_);
  group.spawn(announcer_->run());
  auto serve = [](Registry& self) -> Task<> {
    for (;;) {
      self.last_ = co_await self.collect_garbage();
      self.asked_ = false;
      ++self.collections_;
      self.done_.notify();
      co_await self.serve_until_collection();
    }
  };
  group.spawn(serve(*this));
  co_await group.join();
}

Task<> Registry::prepare() {
  co_await settings_.wait_synced();
  config_.port = static_cast<std::uint16_t>(settings_.get_int("port", kDefaultPort, 1, 65535));
  trouble_ = "waiting for the store";
  const auto place = co_await component::wait_for_volume(executor_, etcd_, "registry", Deadline::max());
  volume_ = place.path;
  write_files();
  const auto address = net::Endpoint::tcp("127.0.0.1", config_.port);
  announcer_ = std::make_unique<component::Announcer>(
      session_,
      component::announce_key("registry", host_id_),
      component::announce_value(address),
      component::http_probe(address, "/v2/"),
      log_);
  trouble_.clear();
}

void Registry::write_files() {
  config_.storage = (volume_ / "images").string();
  std::filesystem::create_directories(config_.storage);
  give_to_server(config_.storage);
  config_.secret = secret_in(volume_ / "http.secret");
  component::write_durably(config_file(), render(config_));
  give_to_server(config_file());
}

process::Command Registry::command(std::string verb) const {
  process::Command command;
  command.argv = {"docker-registry", std::move(verb), config_file().string()};
  command.env = {{"PATH", "/usr/bin:/bin"}};
  if (const passwd* account = server_account()) {
    command.uid = account->pw_uid;
    command.gid = account->pw_gid;
  }
  return command;
}

// ---- the server
// ------------------------------------------------------------------------------------------------------

Task<> Registry::serve_until_collection() {
  const auto serve = [this] { return command("serve"); };
  component::Supervisor server(executor_, "docker-registry", serve, log_, component::Supervisor::Options());
  net::TaskGroup group(executor_);
  group.spawn(server.run());
  group.spawn(end_when_asked(group));
  co_await group.join();
}

Task<> Registry::end_when_asked(net::TaskGroup& group) {
  while (!asked_) co_await ask_.wait(Deadline::max());
  group.cancel();
}

// ---- collection of garbage
// -------------------------------------------------------------------------------------------

Task<net::Reply> Registry::collect(net::Request) {
  const std::string why_not = trouble();
  if (!why_not.empty()) co_return net::Reply::text(503, why_not + "\n");
  const std::string busy = co_await find_push();  // before the server is stopped for nothing
  if (!busy.empty()) co_return net::Reply::text(409, busy_text(busy) + "\n");

  const auto before = collections_;
  asked_ = true;
  ask_.notify();
  while (collections_ == before) co_await done_.wait(Deadline::max());
  co_await wait_until_up();
  co_return net::Reply::text(last_.status, last_.text + "\n");
}

// Whoever asked for a collection goes on with the registry: the answer waits until there is one again.
Task<> Registry::wait_until_up() {
  const auto probe = component::http_probe(net::Endpoint::tcp("127.0.0.1", config_.port), "/v2/");
  for (const Deadline deadline = in(kRestartTime); std::chrono::steady_clock::now() < deadline;) {
    try {
      const bool up = co_await probe(deadline);
      if (up) co_return;
    } catch (const Error& error) {
      if (error.code() == ErrorCode::canceled) throw;
    }
    co_await net::sleep_for(std::chrono::milliseconds(10));
  }
}

Task<std::string> Registry::find_push() {
  std::string busy;
  const std::function<void()> look = [&] {
    busy =
        repository_being_pushed(config_.storage, kPushWindow, std::filesystem::file_time_type::clock::now());
  };
  co_await workers_.run(look);
  co_return busy;
}

// With no server running, so nothing can change meanwhile.
Task<Registry::Collection> Registry::collect_garbage() {
  Collection result;
  const std::string busy = co_await find_push();
  if (!busy.empty()) {
    result = Collection{.status = 409, .text = busy_text(busy)};
  } else if (!has_repositories(config_.storage)) {
    result = Collection{.status = 200, .text = "nothing is stored"};
  } else {
    result = co_await run_collector();
  }
  log_.info("garbage collection", {{"status", result.status}, {"result", result.text}});
  co_return result;
}

Task<Registry::Collection> Registry::run_collector() {
  Collection result;
  try {
    const auto output =
        co_await process::check_output(executor_, command("garbage-collect"), in(kCollectorTime));
    result.status = 200;
    result.text = std::to_string(count_deleted(output)) + " blobs removed";
  } catch (const Error& error) {
    if (error.code() == ErrorCode::canceled) throw;
    result.status = 500;
    result.text = error.what();
  }
  co_return result;
}

}  // namespace deis::registry
