#include "router/supervise.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/component/supervisor.h"
#include "core/net/task_group.h"
#include "router/table/writer.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <signal.h>
#include <thread>

namespace deis::router {

using namespace std::chrono_literals;

namespace {

constexpr const char* kInherited = "DEIS_ROUTES_FD";
constexpr std::size_t kTableBytes = std::size_t{2} << 30U;  // only what is used is taken from the machine

// A column of counters for each worker, of before a reload too.
unsigned columns() {
  return std::clamp(std::thread::hardware_concurrency() * 2 + 2, 4U, 66U);
}

void prepare(const Paths& paths) {
  for (const char* directory : {"", "/body", "/proxy", "/fastcgi", "/uwsgi", "/scgi"}) {
    std::filesystem::create_directories(paths.run + directory);
  }
  std::filesystem::remove(
      paths.control_socket());  // a killed nginx leaves it behind, and the next could not bind
}

// The agent writes the first configuration when it has read the settings: nginx on a port that nobody asked
// for would be in somebody's way. Every later start finds the last good one and needs no etcd.
Task<> prepare_nginx(Paths paths) {
  prepare(paths);
  while (!std::filesystem::exists(paths.config())) co_await net::sleep_for(20ms);
}

Task<> run_children(
    Executor executor, const Paths& paths, const std::string& own_program, int routes, const Log& log) {
  const auto nginx_command = [&paths, routes] {
    process::Command command;
    command.argv = {"nginx", "-c", paths.config(), "-e", "stderr", "-g", "daemon off;"};
    command.inherited = {routes};
    return command;
  };
  const auto agent_command = [&own_program, routes] {
    process::Command command;
    command.argv = {own_program, "agent"};
    command.inherited = {routes};
    return command;
  };
  component::Supervisor::Options quick;
  quick.first_backoff = 20ms;
  quick.max_backoff = 1000ms;
  quick.stop_signal = SIGQUIT;  // nginx: end after the requests under way
  component::Supervisor nginx(executor, "nginx", nginx_command, log, quick);
  nginx.before_start([&paths] { return prepare_nginx(paths); });
  quick.stop_signal = SIGTERM;
  component::Supervisor agent(executor, "agent", agent_command, log, quick);
  net::TaskGroup group(executor);
  group.spawn(nginx.run());
  group.spawn(agent.run());
  co_await group.join();
}

}  // namespace

table::Segment inherited_table() {
  const char* text = std::getenv(kInherited);
  const auto fd = parse_int(text != nullptr ? text : "");
  if (!fd) {
    throw Error(
        ErrorCode::internal,
        fmt::format("{} is not set: the agent has to be started by deis-router supervise", kInherited));
  }
  return table::Segment::attach(static_cast<int>(*fd));
}

int supervise(const Paths& paths, const std::string& own_program) {
  const Log log("router-supervisor");
  table::Segment routes = table::Segment::create(kTableBytes);
  table::format(routes, columns());
  ::setenv(kInherited, std::to_string(routes.fd()).c_str(), 1);
  prepare(paths);
  asio::io_context io(1);
  asio::cancellation_signal stop;
  asio::signal_set signals(io, SIGTERM, SIGINT);
  signals.async_wait([&](const boost::system::error_code& error, int) {
    if (!error) stop.emit(asio::cancellation_type::terminal);
  });
  int status = 0;
  auto done = [&](std::exception_ptr failure) {
    signals.cancel();
    if (!failure) return;
    try {
      std::rethrow_exception(failure);
    } catch (const std::exception& error) {
      log.info("supervisor ends", {{"reason", error.what()}});
    }
  };
  asio::co_spawn(
      io,
      run_children(io.get_executor(), paths, own_program, routes.fd(), log),
      asio::bind_cancellation_slot(stop.slot(), done));
  io.run();
  return status;
}

}  // namespace deis::router
