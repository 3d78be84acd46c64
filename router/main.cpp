// deis-router supervise | agent

#include "core/base/text.h"
#include "core/component/announcer.h"
#include "core/component/directory.h"
#include "core/component/runtime.h"
#include "core/json/json.h"
#include "router/agent.h"
#include "router/config_keeper.h"
#include "router/log_rotation.h"
#include "router/request_lines.h"
#include "router/route_view.h"
#include "router/running_feeds.h"
#include "router/supervise.h"
#include "router/traffic_metrics.h"

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string_view>

namespace deis::router {
namespace {

using namespace std::chrono_literals;

Paths paths_from_environment() {
  Paths paths;
  if (const char* run = std::getenv("DEIS_ROUTER_RUN")) paths.run = run;
  if (const char* module = std::getenv("DEIS_ROUTER_MODULE")) paths.module = module;
  if (const char* log = std::getenv("DEIS_ROUTER_ACCESS_LOG")) paths.access_log = log;
  return paths;
}

LogRotation::Options rotation_from_environment() {
  LogRotation::Options options;
  const char* bytes = std::getenv("DEIS_ROUTER_ACCESS_LOG_BYTES");
  if (const auto number = parse_int(bytes ? bytes : ""); number && *number > 0)
    options.max_bytes = static_cast<std::uintmax_t>(*number);
  return options;
}

int run_agent(component::RuntimeOptions options) {
  component::Runtime runtime(options);
  const Paths paths = paths_from_environment();
  WrittenSettings written(runtime.executor(), runtime.etcd(), runtime.log());
  etcd::Session session(runtime.executor(), runtime.etcd(), 10s, runtime.log());

  table::Segment segment = inherited_table();
  table::TableWriter table(segment);
  NginxControl nginx(runtime.executor(), paths.control_socket());
  Agent::Identity identity{
      component::announce_key("router", options.host_id),
      "http://127.0.0.1:" + std::to_string(runtime.admin_endpoint().port)};
  Agent agent(
      runtime.executor(), runtime.etcd(), session, nginx, table, identity, runtime.metrics(), runtime.log());
  component::Directory publishers(runtime.executor(), runtime.etcd(), "publisher", runtime.log());
  RunningFeeds feeds(runtime.executor(), publishers, agent, runtime.metrics(), runtime.log());
  LogRotation rotation(paths, rotation_from_environment(), runtime.log());
  const std::string problems_key = "/deis/router/problems/" + options.host_id;
  const auto tell_problems = [&session, &runtime, problems_key](const std::vector<SettingProblem>& problems) {
    runtime.metrics().set(
        "deis_router_settings_ignored",
        "Settings whose written value is not in force",
        static_cast<double>(problems.size()));
    if (problems.empty()) {
      session.unset(problems_key);
    } else {
      session.set(problems_key, json::to_text(to_json(problems)));
    }
  };
  ConfigKeeper keeper(
      runtime.executor(),
      written,
      agent,
      nginx,
      runtime.workers(),
      paths,
      segment.fd(),
      tell_problems,
      runtime.log());

  runtime.handle("GET", "/inflight", [&table](net::Request request) -> Task<net::Reply> {
    co_return net::Reply::json(200, in_flight_json(table, request.query()));
  });
  runtime.handle("GET", "/route", [&table](net::Request request) -> Task<net::Reply> {
    const auto route = route_json(table, request.query());
    co_return route ? net::Reply::json(200, *route) : net::Reply::json(404, R"({"detail": "no such host"})");
  });
  runtime.metrics().append([&table] { return traffic_metrics(table); });
  runtime.handle("GET", "/settings", [&keeper](net::Request) -> Task<net::Reply> {
    json::object answer;
    answer["values"] = json::to_value(keeper.shown());
    answer["problems"] = to_json(keeper.problems());
    answer["settled"] = keeper.settled();
    co_return net::Reply::json(200, json::to_text(answer));
  });
  runtime.add("settings", [&] { return written.run(agent.builder_changed()); });
  runtime.add("session", [&] { return session.run(etcd::Session::AtStop::revoke); });
  runtime.add("etcd", [&] { return agent.follow_etcd(); });
  runtime.add("publishers", [&] { return publishers.run(); });
  runtime.add("feeds", [&] { return feeds.run(); });
  runtime.add("nginx", [&] { return agent.tend(); });
  RequestLines request_lines(
      runtime.executor(), paths, component::AppLog::to_standard_output(), runtime.log());
  runtime.add("request lines", [&] { return request_lines.run(); });
  runtime.add("access log", [&] { return rotation.run(); });
  runtime.add("configuration", [&] { return keeper.run(); });
  runtime.ready_when("routing table", [&] { return agent.not_ready(); });
  runtime.ready_when("nginx configuration", [&] { return keeper.problem(); });
  return runtime.run();
}

}  // namespace
}  // namespace deis::router

int main(int argc, char** argv) {
  const std::string_view role = argc == 2 ? argv[1] : "";
  if (role == "supervise")
    return deis::router::supervise(
        deis::router::paths_from_environment(), std::filesystem::read_symlink("/proc/self/exe"));
  if (role == "agent") return deis::component::run_daemon("router", 8008, deis::router::run_agent);
  std::cerr << "usage: deis-router supervise | agent\n";
  return 2;
}
