// deisctl, the operators' program: reads the command line, runs one command on the loop, turns failures into
// exit code 1.

#include "core/base/error.h"
#include "core/component/router_settings.h"
#include "ctl/commands.h"
#include "ctl/engine_clean.h"

#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <fmt/format.h>

#include <cstdlib>
#include <functional>
#include <string_view>

namespace {

using namespace deis;
using Command = std::function<Task<>(ctl::Platform&)>;

constexpr const char* kVersion = "0.1.0";

// What CLI11 writes into; must outlive the parse.
struct Arguments {
  std::string docker = "unix:///var/run/docker.sock", etcd = "http://127.0.0.1:2379", data_root;
  std::string images, log_level = "info", subnet = "172.30.0.0/16", domain, target;
  std::string engine_root = ctl::kEngineRoot;
  int wait = 120, lines = 40;
  bool no_follow = false;
  std::vector<std::string> words;

  ctl::Options options() const {
    ctl::Options options;
    options.docker = net::Endpoint::parse(docker);
    options.etcd = net::Endpoint::parse(etcd);
    options.data_root = data_root;
    options.images = images;
    options.log_level = log_level;
    options.app_subnet = subnet;
    options.wait = std::chrono::seconds(wait);
    return options;
  }
};

void add_global_options(CLI::App& app, Arguments& args) {
  app.set_version_flag("--version", kVersion);
  app.add_option("--docker", args.docker, "Docker Engine")->envname("DOCKER_HOST")->capture_default_str();
  app.add_option("--etcd", args.etcd, "etcd of the platform")->envname("DEISCTL_ETCD")->capture_default_str();
  app.add_option("--data-root", args.data_root, "Where a new platform keeps its data (default /var/lib/deis)")
      ->envname("DEIS_DATA_ROOT");
  app.add_option("--wait", args.wait, "Seconds to wait for a component to be ready")
      ->check(CLI::Range(1, 3600));
}

using OnTargets = Task<> (*)(ctl::Platform&, std::vector<std::string>);

void add_target_command(
    CLI::App& app, Arguments& args, Command& command, const char* name, const char* help, OnTargets run) {
  auto* sub = app.add_subcommand(name, help);
  sub->add_option("target", args.words, "platform, or components")->required();
  sub->callback(
      [&args, &command, run] { command = [&args, run](ctl::Platform& p) { return run(p, args.words); }; });
}

void add_install(CLI::App& app, Arguments& args, Command& command) {
  auto* sub = app.add_subcommand("install", "Install and start; brings what is installed up to date");
  sub->add_option("target", args.words, "platform, or components")->required();
  sub->add_option("--domain", args.domain, "Domain of the platform: apps are at <app>.<domain>");
  sub->add_option("--images", args.images, "Image manifest (default <data root>/images)")
      ->envname("DEISCTL_IMAGES");
  sub->add_option("--log-level", args.log_level, "Of the components")
      ->check(CLI::IsMember({"debug", "info", "warning", "error"}));
  sub->add_option("--app-subnet", args.subnet, "Of the app containers' network")->capture_default_str();
  sub->callback([&] {
    command = [&args](ctl::Platform& p) {
      ctl::InstallOptions options{.targets = args.words, .domain = args.domain};
      return ctl::install(p, std::move(options));
    };
  });
}

void add_inspection(CLI::App& app, Arguments& args, Command& command) {
  app.add_subcommand("list", "All installed components")->callback([&] { command = ctl::list; });
  app.add_subcommand("machines", "The machines of the cluster")->callback([&] { command = ctl::machines; });
  auto* journal = app.add_subcommand("journal", "A component's last log lines, and new ones as they come");
  journal->add_option("component", args.target)->required();
  journal->add_option("-n,--lines", args.lines, "How many of the last lines")->capture_default_str();
  journal->add_flag("--no-follow", args.no_follow, "End after the last line");
  journal->callback([&] {
    command = [&args](ctl::Platform& p) {
      return ctl::journal(p, args.target, args.lines, args.no_follow ? ctl::Follow::no : ctl::Follow::yes);
    };
  });
}

using OnConfig = Task<> (*)(ctl::Platform&, std::string, std::vector<std::string>);

void add_config(CLI::App& app, Arguments& args, Command& command) {
  auto* config = app.add_subcommand("config", "Settings: config <component>|platform get|set|rm ...");
  config->add_option("target", args.target, "platform, or a component")->required();
  config->require_subcommand(1);
  const auto add = [&](const char* name, const char* help, const char* what, OnConfig run) {
    auto* sub = config->add_subcommand(name, help);
    sub->add_option(what, args.words)->required();
    sub->callback([&args, &command, run] {
      command = [&args, run](ctl::Platform& p) { return run(p, args.target, args.words); };
    });
  };
  add("get", "Print values", "key", ctl::config_get);
  add("set", "Change values", "key=value", ctl::config_set);
  add("rm", "Remove keys: the default counts again", "key", ctl::config_remove);
}

void add_engine_clean(CLI::App& app, Arguments& args, Command& command) {
  auto* sub =
      app.add_subcommand("engine-clean", "Before Docker Engine starts: what its unclean end left behind");
  sub->add_option("--engine-root", args.engine_root, "Docker Engine's data root")->capture_default_str();
  sub->callback([&] { command = [&args](ctl::Platform&) { return ctl::engine_clean(args.engine_root); }; });
}

void add_commands(CLI::App& app, Arguments& args, Command& command) {
  add_install(app, args, command);
  add_target_command(app, args, command, "start", "Start what is installed", ctl::start);
  add_target_command(app, args, command, "stop", "Stop; everything is kept", ctl::stop);
  add_target_command(app, args, command, "restart", "Replace the running containers", ctl::restart);
  add_target_command(app, args, command, "uninstall", "Remove the services; data is kept", ctl::uninstall);
  add_target_command(app, args, command, "scale", "<component>=<number>", ctl::scale);
  add_inspection(app, args, command);
  add_target_command(app, args, command, "status", "State, version, address", ctl::status);
  add_config(app, args, command);
  add_target_command(
      app,
      args,
      command,
      "rotate-key",
      "controller: a new key for the secrets in its database",
      ctl::rotate_key);
  add_engine_clean(app, args, command);
}

void run(const Command& command, const ctl::Options& options) {
  asio::io_context io(1);
  ctl::Platform platform(io.get_executor(), options);
  std::exception_ptr failure;
  asio::co_spawn(io, command(platform), [&](std::exception_ptr thrown) {
    failure = thrown;
    io.stop();  // timers of idle connections would hold us up
  });
  io.run();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Operates a Deis platform", "deisctl");
  Arguments args;
  Command command;
  add_global_options(app, args);
  add_commands(app, args, command);
  if (argc == 1) {
    fmt::print("Usage: deisctl <command> [<target>...]; 'deisctl --help' lists the commands\n");
    return 0;
  }
  if (argc == 3 && std::string_view(argv[1]) == "__reference") {  // for script/reference
    fmt::print("{}", component::router_settings_page());
    return 0;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 1;
  }
  if (!command) {
    fmt::print(stderr, "Error: no such command; 'deisctl --help' lists them\n");
    return 1;
  }
  try {
    run(command, args.options());
  } catch (const Error& error) {
    fmt::print(stderr, "Error: {}\n", error.what());
    if (error.code() == ErrorCode::unavailable)
      fmt::print(
          stderr,
          "Is it running? 'deisctl list' tells of the platform; 'deisctl start platform' starts it.\n");
    return 1;
  } catch (const std::exception& error) {
    fmt::print(stderr, "Error: {}\n", error.what());
    return 1;
  }
  return 0;
}
