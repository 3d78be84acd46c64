#include "core/component/runtime.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/component/process_metrics.h"
#include "core/net/route_table.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/system_error.hpp>

#include <array>
#include <cstdlib>
#include <signal.h>
#include <unistd.h>

namespace deis::component {
namespace {

constexpr unsigned kWorkers = 2;

std::optional<std::string> variable(const char* name) {
  const char* value = std::getenv(name);
  if (!value || !*value) return std::nullopt;
  return value;
}

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "localhost";
  return name.data();
}

LogLevel parse_level(const std::string& text) {
  if (text == "debug") return LogLevel::debug;
  if (text == "info") return LogLevel::info;
  if (text == "warning") return LogLevel::warning;
  if (text == "error") return LogLevel::error;
  throw Error(ErrorCode::invalid, "DEIS_LOG_LEVEL", "DEIS_LOG_LEVEL must be debug, info, warning or error");
}

std::uint16_t parse_port(const std::string& text) {
  const auto port = parse_int(text);
  if (!port || *port < 0 || *port > 65535) {
    throw Error(ErrorCode::invalid, "DEIS_ADMIN_PORT", "DEIS_ADMIN_PORT must be a port number");
  }
  return static_cast<std::uint16_t>(*port);
}

net::Endpoint parse_etcd(const std::string& text) {
  try {
    return net::Endpoint::parse(text);
  } catch (const Error& error) {
    throw Error(ErrorCode::invalid, "DEIS_ETCD", std::string("DEIS_ETCD: ") + error.what());
  }
}

net::HttpServer::Options admin_options() {
  net::HttpServer::Options options;
  options.drain_timeout = std::chrono::seconds(2);  // nobody waits for metrics of a daemon that stops
  return options;
}

}  // namespace

RuntimeOptions options_from_environment(std::string component, std::uint16_t admin_port) {
  RuntimeOptions options;
  options.component = std::move(component);
  options.host_id = variable("DEIS_HOST_ID").value_or(host_name());
  if (const auto text = variable("DEIS_ETCD")) options.etcd = parse_etcd(*text);
  if (const auto text = variable("DEIS_LOG_LEVEL")) options.log_level = parse_level(*text);
  if (const auto text = variable("DEIS_ADMIN_PORT")) admin_port = parse_port(*text);
  options.admin = net::Endpoint::tcp("127.0.0.1", admin_port);
  return options;
}

struct Runtime::State {
  explicit State(RuntimeOptions o)
      : options(std::move(o)),
        log(options.component, options.log_level),
        etcd(io.get_executor(), options.etcd),
        admin(
            io.get_executor(),
            options.admin,
            [this](net::Request request) { return answer(std::move(request)); },
            log,
            admin_options()) {}

  // ---- the admin address
  // ----------------------------------------------------------------------------------------

  Task<net::Reply> answer(net::Request request) {
    const auto match = routes.find(request.method, request.path());
    if (!match) co_return net::Reply::text(404, "no such path\n");
    if (!match->value) co_return net::Reply::text(405, "method not allowed\n");
    const auto handler = *match->value;
    co_return co_await handler(std::move(request));
  }

  void add_standard_routes() {
    using Handler = net::HttpServer::Handler;
    routes.add("GET", "/healthz", Handler([](net::Request) -> Task<net::Reply> {
                 co_return net::Reply::text(200, "ok\n");
               }));
    routes.add("GET", "/readyz", Handler([this](net::Request) -> Task<net::Reply> {
                 const std::string reasons = unready();
                 co_return net::Reply::text(reasons.empty() ? 200 : 503, reasons.empty() ? "ok\n" : reasons);
               }));
    routes.add("GET", "/metrics", Handler([this](net::Request) -> Task<net::Reply> {
                 update_process_metrics(metrics);
                 co_return net::Reply::text(200, metrics.text());
               }));
  }

  // One line per condition that is not met.
  std::string unready() const {
    std::string reasons;
    for (const auto& [name, check] : checks) {
      const std::string reason = check();
      if (!reason.empty()) reasons += name + ": " + reason + "\n";
    }
    return reasons;
  }

  // ---- life
  // -----------------------------------------------------------------------------------------------------

  Task<int> live() {
    int code = 0;
    net::TaskGroup group(io.get_executor());
    asio::signal_set signals(io, SIGTERM, SIGINT);
    signals.async_wait([&](const boost::system::error_code& error, int number) {
      if (error) return;
      log.info("stopping", {{"signal", number}});
      limit_stop();
      group.cancel();
    });
    group.spawn(admin.run());
    for (const auto& [name, run] : parts) group.spawn(run_part(name, run));
    log.info("started", {{"admin", admin.endpoint().str()}, {"host_id", options.host_id}});
    try {
      co_await group.join();
    } catch (const std::exception& error) {
      log.error("ending because a part failed", {{"why", error.what()}});
      code = 1;
    }
    for (const auto& stop : stops) co_await run_stop(stop);
    stop_limit.cancel();
    co_return code;
  }

  Task<> run_part(std::string name, std::function<Task<>()> run) {
    std::string what;
    try {
      co_await run();
      co_return;
    } catch (const Error& error) {
      if (error.code() == ErrorCode::canceled) throw;
      what = error.what();
    } catch (const boost::system::system_error& error) {
      if (error.code() == asio::error::operation_aborted) throw;
      what = error.what();
    } catch (const std::exception& error) {
      what = error.what();
    }
    limit_stop();  // the others are cancelled now
    throw Error(ErrorCode::internal, name + ": " + what);
  }

  Task<> run_stop(std::function<Task<>()> stop) {
    try {
      co_await stop();
    } catch (const std::exception& error) {
      log.error("a step of stopping failed", {{"why", error.what()}});
    }
  }

  // A part that does not end must not keep the container: what it holds is built to survive a kill.
  void limit_stop() {
    stop_limit.expires_after(options.stop_limit);
    stop_limit.async_wait([this](const boost::system::error_code& error) {
      if (error) return;
      log.error("parts did not end in time", {{"limit_s", options.stop_limit.count()}});
      ::_exit(1);
    });
  }

  RuntimeOptions options;
  Log log;
  asio::io_context io{1};
  Metrics metrics;
  etcd::Client etcd;
  net::WorkerPool workers{kWorkers};
  net::RouteTable<net::HttpServer::Handler> routes;
  net::HttpServer admin;
  std::vector<std::pair<std::string, std::function<Task<>()>>> parts;
  std::vector<std::pair<std::string, std::function<std::string()>>> checks;
  std::vector<std::function<Task<>()>> stops;
  asio::steady_timer stop_limit{io};
};

Runtime::Runtime(RuntimeOptions options) : state_(std::make_unique<State>(std::move(options))) {
  state_->add_standard_routes();
}

Runtime::~Runtime() = default;

Executor Runtime::executor() {
  return state_->io.get_executor();
}
etcd::Client& Runtime::etcd() {
  return state_->etcd;
}
net::WorkerPool& Runtime::workers() {
  return state_->workers;
}
Metrics& Runtime::metrics() {
  return state_->metrics;
}
const Log& Runtime::log() const {
  return state_->log;
}
const RuntimeOptions& Runtime::options() const {
  return state_->options;
}
net::Endpoint Runtime::admin_endpoint() const {
  return state_->admin.endpoint();
}

void Runtime::add(std::string name, std::function<Task<>()> run) {
  state_->parts.emplace_back(std::move(name), std::move(run));
}

void Runtime::ready_when(std::string name, std::function<std::string()> check) {
  state_->checks.emplace_back(std::move(name), std::move(check));
}

void Runtime::handle(std::string method, std::string path_pattern, net::HttpServer::Handler handler) {
  state_->routes.add(std::move(method), std::move(path_pattern), std::move(handler));
}

void Runtime::at_stop(std::function<Task<>()> stop) {
  state_->stops.push_back(std::move(stop));
}

int Runtime::run() {
  int code = 1;
  asio::co_spawn(state_->io, state_->live(), [&](std::exception_ptr failure, int result) {
    if (failure) std::rethrow_exception(failure);
    code = result;
    state_->io.stop();  // all tasks have ended; timers of idle connections need not be waited for
  });
  state_->io.run();
  return code;
}

int run_daemon(
    std::string component, std::uint16_t admin_port, const std::function<int(RuntimeOptions)>& start) {
  const Log log(component);
  try {
    return start(options_from_environment(std::move(component), admin_port));
  } catch (const std::exception& error) {
    log.error("cannot run", {{"why", error.what()}});
    return 1;
  }
}

}  // namespace deis::component
