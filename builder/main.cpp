// deis-builder serve            the daemon
// deis-builder authorized-keys  sshd's question whose key it is
// deis-builder-shell -c ...     login shell of the account git
// pre-receive, post-receive     git's hooks

#include "builder/gate.h"
#include "builder/gate_messages.h"
#include "builder/role.h"
#include "builder/sshd.h"
#include "builder/sweeper.h"
#include "core/base/error.h"
#include "core/component/runtime.h"
#include "core/component/supervisor.h"
#include "core/component/volume.h"

#include <filesystem>
#include <fstream>
#include <iostream>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

namespace deis::builder {
namespace {

using namespace std::chrono_literals;

Repositories::Account git_account() {
  const passwd* user = ::getpwnam("git");
  if (!user) throw Error(ErrorCode::internal, "there is no account 'git': the image is broken");
  return {user->pw_uid, user->pw_gid};
}

// The parts that need the volume: made when the store has said where it is.
class Service {
 public:
  Service(component::Runtime& runtime, const component::RuntimeOptions& options)
      : runtime_(runtime),
        executor_(runtime.executor()),
        session_(executor_, runtime.etcd(), 10s, runtime.log()),
        controllers_(executor_, runtime.etcd(), "controller", runtime.log()),
        registries_(executor_, runtime.etcd(), "registry", runtime.log()),
        controller_settings_(executor_, runtime.etcd(), "/deis/controller/", runtime.log()),
        settings_(executor_, runtime.etcd(), "/deis/builder/", runtime.log()),
        docker_(executor_, net::Endpoint::unix_socket("/var/run/docker.sock")),
        controller_(executor_, controllers_, controller_settings_),
        registry_(executor_, registries_),
        announce_key_(component::announce_key("builder", options.host_id)) {}

  void add_parts() {
    runtime_.add("session", [this] { return session_.run(etcd::Session::AtStop::revoke); });
    runtime_.add("controller address", [this] { return controllers_.run(); });
    runtime_.add("registry address", [this] { return registries_.run(); });
    runtime_.add("controller settings", [this] { return controller_settings_.run(); });
    runtime_.add("settings", [this] { return settings_.run(); });
    runtime_.add("builder", [this] { return run(); });
    runtime_.ready_when("controller", [this] {
      return std::string(controllers_.any() ? "" : "it is not announced in etcd");
    });
    runtime_.ready_when(
        "registry", [this] { return std::string(registries_.any() ? "" : "it is not announced in etcd"); });
  }

 private:
  Task<> run() {
    co_await settings_.wait_synced();
    const auto port = static_cast<std::uint16_t>(settings_.get_int("port", 2223, 1, 65535));
    const component::Volume volume =
        co_await component::wait_for_volume(executor_, runtime_.etcd(), "builder", Deadline::max());
    const Repositories::Account git = git_account();
    Repositories repositories(executor_, workers_, volume.path + "/repos", git);
    co_await clear(repositories);
    Attempts attempts(workers_, volume.path + "/attempts");
    std::vector<Attempt> interrupted = co_await attempts.all();
    Launcher launcher(
        executor_, docker_, controller_, registry_, attempts, runtime_.log(), Launcher::Limits());
    Pipeline pipeline(
        docker_,
        controller_,
        registry_,
        repositories,
        launcher,
        attempts,
        runtime_.log(),
        Pipeline::Limits());
    Housekeeper housekeeper(executor_, repositories, runtime_.log());
    Gate gate(controller_, repositories, pipeline, housekeeper, runtime_.log());
    Sweeper sweeper(
        executor_, runtime_.etcd(), controller_, repositories, pipeline, housekeeper, runtime_.log());

    std::filesystem::create_directories("/run/deis");
    std::filesystem::create_directories("/run/sshd");
    net::HttpServer::Handler handler = [&gate](net::Request request) {
      return gate.handle(std::move(request));
    };
    net::HttpServer server(executor_, net::Endpoint::unix_socket(kGateSocket), handler, runtime_.log());
    if (::chown(kGateSocket, 0, git.gid) != 0 || ::chmod(kGateSocket, 0660) != 0)
      throw Error(ErrorCode::internal, "cannot open the socket to git");

    SshdPaths paths;
    paths.keys = volume.path + "/host-keys";
    co_await make_host_keys(executor_, paths);
    std::ofstream(paths.config) << sshd_config(paths, port);
    const auto command = [paths] { return sshd_command(paths); };
    component::Supervisor sshd(executor_, "sshd", command, runtime_.log(), component::Supervisor::Options());
    const net::Endpoint address = net::Endpoint::tcp("127.0.0.1", port);
    component::Announcer announcer(
        session_, announce_key_, component::announce_value(address), banner_probe(address), runtime_.log());

    net::TaskGroup group(executor_);
    group.spawn(launcher.run());
    pipeline.take_over(std::move(interrupted));
    group.spawn(server.run());
    group.spawn(sshd.run());
    group.spawn(announcer.run());
    group.spawn(housekeeper.run());
    group.spawn(sweeper.follow());
    group.spawn(sweeper.run());
    co_await group.join();
  }

  // sshd does not run yet: whatever looks like a push under way was one of our predecessor's.
  Task<> clear(Repositories& repositories) {
    try {
      co_await repositories.remove_leftovers(in(60s));
    } catch (const Error& error) {
      if (error.code() == ErrorCode::canceled) throw;
      runtime_.log().warning(
          "leftovers stay in the repositories until the next start", {{"error", error.what()}});
    }
  }

  component::Runtime& runtime_;
  Executor executor_;
  net::WorkerPool workers_{2};
  etcd::Session session_;
  component::Directory controllers_, registries_;
  component::Settings controller_settings_, settings_;
  docker::Client docker_;
  ControllerClient controller_;
  Registry registry_;
  std::string announce_key_;
};

int serve(component::RuntimeOptions options) {
  component::Runtime runtime(options);
  Service service(runtime, options);
  service.add_parts();
  return runtime.run();
}

}  // namespace
}  // namespace deis::builder

int main(int argc, char** argv) {
  const std::string name = std::filesystem::path(argc > 0 ? argv[0] : "").filename();
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (name == "pre-receive") return deis::builder::pre_receive_role();
  if (name == "post-receive") return deis::builder::post_receive_role();
  if (name.ends_with("deis-builder-shell"))
    return deis::builder::shell_role(words);  // sshd may put a '-' before it
  if (words.size() == 3 && words[0] == "authorized-keys")
    return deis::builder::authorized_keys_role(words[1], words[2]);
  if (words.size() == 1 && words[0] == "serve")
    return deis::component::run_daemon("builder", 8003, deis::builder::serve);
  std::cerr << "usage: deis-builder serve\n";
  return 2;
}
