#include "core/base/error.h"
#include "core/base/text.h"
#include "core/docker/specs.h"
#include "core/docker/state.h"
#include "core/docker/streams.h"

#include <algorithm>

namespace deis::docker {
namespace {

struct WireEndpoint {
  std::string IPAddress;
};
BOOST_DESCRIBE_STRUCT(WireEndpoint, (), (IPAddress))

struct WireNetworks {
  std::map<std::string, WireEndpoint> Networks;
};
BOOST_DESCRIBE_STRUCT(WireNetworks, (), (Networks))

struct WireSummary {
  std::string Id, Image, State;
  std::vector<std::string> Names;
  docker::Labels Labels;
  WireNetworks NetworkSettings;
};
BOOST_DESCRIBE_STRUCT(WireSummary, (), (Id, Image, State, Names, Labels, NetworkSettings))

struct WireContainerConfig {
  std::string Image;
  docker::Labels Labels;
  std::vector<std::string> Env;
  std::optional<std::map<std::string, json::value>> ExposedPorts;
  bool Tty = false;
  std::string StopSignal;
  std::optional<std::int64_t> StopTimeout;
};
BOOST_DESCRIBE_STRUCT(
    WireContainerConfig, (), (Image, Labels, Env, ExposedPorts, Tty, StopSignal, StopTimeout))

struct WireState {
  bool Running = false, Paused = false, OOMKilled = false;
  int ExitCode = 0, Pid = 0;
  std::string StartedAt, FinishedAt, Error;
};
BOOST_DESCRIBE_STRUCT(
    WireState, (), (Running, Paused, OOMKilled, ExitCode, Pid, StartedAt, FinishedAt, Error))

struct WireDetails {
  std::string Id, Name;
  std::int64_t RestartCount = 0;
  WireContainerConfig Config;
  WireState State;
  WireNetworks NetworkSettings;
};
BOOST_DESCRIBE_STRUCT(WireDetails, (), (Id, Name, RestartCount, Config, State, NetworkSettings))

struct WireCreatedContainer {
  std::string Id;
};
BOOST_DESCRIBE_STRUCT(WireCreatedContainer, (), (Id))

struct WireExit {
  int StatusCode = 0;
};
BOOST_DESCRIBE_STRUCT(WireExit, (), (StatusCode))

// The Engine watches a TTY's input for a sequence that detaches, ctrl-p ctrl-q unless another one is named,
// and holds back what may be its beginning. It cannot be told to stop that: this is what nobody types.
constexpr auto kNoDetachKeys = "ctrl-@,ctrl-^,ctrl-@,ctrl-_,ctrl-^,ctrl-@,ctrl-_,ctrl-^";

std::map<std::string, std::string> addresses_of(const WireNetworks& networks) {
  std::map<std::string, std::string> addresses;
  for (const auto& [name, endpoint] : networks.Networks) addresses[name] = endpoint.IPAddress;
  return addresses;
}

std::string without_slash(std::string name) {
  return name.starts_with('/') ? name.substr(1) : name;
}

}  // namespace

std::vector<int> exposed_tcp_ports(const std::map<std::string, json::value>& exposed) {
  std::vector<int> ports;
  for (const auto& [name, unused] : exposed) {  // "5000/tcp"
    const auto slash = name.find('/');
    const auto port = parse_int(std::string_view(name).substr(0, slash));
    if (port && (slash == std::string::npos || name.substr(slash + 1) == "tcp"))
      ports.push_back(static_cast<int>(*port));
  }
  std::sort(ports.begin(), ports.end());
  return ports;
}

Task<std::vector<ContainerSummary>> Client::containers(
    bool all, std::vector<std::string> label_filters, Deadline deadline) {
  for (std::string& label : label_filters) label = "label=" + label;
  Query query{{"all", all ? "1" : "0"}, filters(label_filters)};
  const json::value answer = co_await state_->api.get("/containers/json", std::move(query), deadline);
  std::vector<ContainerSummary> containers;
  for (auto& wire : json::from<std::vector<WireSummary>>(answer)) {
    containers.push_back(ContainerSummary{
        .id = wire.Id,
        .name = wire.Names.empty() ? "" : without_slash(wire.Names.front()),
        .image = wire.Image,
        .state = wire.State,
        .labels = std::move(wire.Labels),
        .network_addresses = addresses_of(wire.NetworkSettings)});
  }
  co_return containers;
}

Task<ContainerDetails> Client::inspect_container(std::string id, Deadline deadline) {
  const json::value answer =
      co_await state_->api.get("/containers/" + url_encode(id) + "/json", {}, deadline);
  auto wire = json::from<WireDetails>(answer);
  ContainerDetails details;
  details.id = wire.Id;
  details.name = without_slash(wire.Name);
  details.image = wire.Config.Image;
  details.labels = std::move(wire.Config.Labels);
  details.env = std::move(wire.Config.Env);
  if (wire.Config.ExposedPorts) details.exposed_tcp_ports = exposed_tcp_ports(*wire.Config.ExposedPorts);
  details.network_addresses = addresses_of(wire.NetworkSettings);
  details.running = wire.State.Running;
  details.paused = wire.State.Paused;
  details.oom_killed = wire.State.OOMKilled;
  details.tty = wire.Config.Tty;
  details.stop_signal = wire.Config.StopSignal;
  if (wire.Config.StopTimeout) details.stop_grace = std::chrono::seconds(*wire.Config.StopTimeout);
  details.exit_code = wire.State.ExitCode;
  details.pid = wire.State.Pid;
  details.started_at = wire.State.StartedAt;
  details.finished_at = wire.State.FinishedAt;
  details.error = wire.State.Error;
  details.restart_count = wire.RestartCount;
  co_return details;
}

Task<std::string> Client::create_container(std::string name, ContainerSpec spec, Deadline deadline) {
  Query query;
  if (!name.empty()) query.emplace_back("name", std::move(name));
  json::value body = container_json(spec);
  const json::value answer =
      co_await state_->api.call("POST", "/containers/create", std::move(query), std::move(body), deadline);
  co_return json::from<WireCreatedContainer>(answer).Id;
}

Task<> Client::start_container(std::string id, Deadline deadline) {
  co_await state_->api.call("POST", "/containers/" + url_encode(id) + "/start", {}, nullptr, deadline);
}

Task<> Client::stop_container(std::string id, std::chrono::seconds grace, Deadline deadline) {
  Query query(1, {"t", std::to_string(grace.count())});
  co_await state_->api.call(
      "POST", "/containers/" + url_encode(id) + "/stop", std::move(query), nullptr, deadline);
}

Task<> Client::kill_container(std::string id, std::string signal, Deadline deadline) {
  Query query(1, {"signal", signal});
  co_await state_->api.call(
      "POST", "/containers/" + url_encode(id) + "/kill", std::move(query), nullptr, deadline);
}

Task<int> Client::wait_container(std::string id, Deadline deadline) {
  const json::value answer =
      co_await state_->api.call("POST", "/containers/" + url_encode(id) + "/wait", {}, nullptr, deadline);
  co_return json::from<WireExit>(answer).StatusCode;
}

Task<> Client::remove_container(std::string id, bool force, Deadline deadline) {
  Query query(1, {"v", "1"});
  if (force) query.emplace_back("force", "1");
  co_await state_->api.call("DELETE", "/containers/" + url_encode(id), std::move(query), nullptr, deadline);
}

Task<std::unique_ptr<Source<LogPiece>>> Client::logs(
    std::string id, LogOptions options, bool tty, Deadline deadline) {
  Query query(1, {"stdout", "1"});
  query.emplace_back("stderr", "1");
  if (options.follow) query.emplace_back("follow", "1");
  if (options.timestamps) query.emplace_back("timestamps", "1");
  if (!options.since.empty()) query.emplace_back("since", options.since);
  query.emplace_back("tail", options.tail < 0 ? "all" : std::to_string(options.tail));
  net::Headers headers;
  auto stream = co_await state_->api.open(
      "GET", "/containers/" + url_encode(id) + "/logs", std::move(query), std::move(headers), deadline);
  co_return log_source(std::move(stream), tty);
}

Task<> Client::resize_container(std::string id, int rows, int columns, Deadline deadline) {
  Query query(1, {"h", std::to_string(rows)});
  query.emplace_back("w", std::to_string(columns));
  co_await state_->api.call(
      "POST", "/containers/" + url_encode(id) + "/resize", std::move(query), nullptr, deadline);
}

Task<net::Upgraded> Client::attach(std::string id, bool with_stdin, Deadline deadline) {
  Query query(1, {"stream", "1"});
  query.emplace_back("stdout", "1");
  query.emplace_back("stderr", "1");
  if (with_stdin) {
    query.emplace_back("stdin", "1");
    query.emplace_back("detachKeys", kNoDetachKeys);
  }
  co_return co_await state_->api.upgrade(
      "/containers/" + url_encode(id) + "/attach", std::move(query), deadline);
}

Task<std::unique_ptr<Source<Event>>> Client::events(std::vector<std::string> types, Deadline deadline) {
  for (std::string& type : types) type = "type=" + type;
  Query query(1, filters(types));
  net::Headers headers;
  auto stream = co_await state_->api.open("GET", "/events", std::move(query), std::move(headers), deadline);
  co_return event_source(std::move(stream));
}

}  // namespace deis::docker
