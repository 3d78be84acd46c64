#include "core/base/error.h"
#include "core/base/text.h"
#include "core/docker/specs.h"
#include "core/docker/state.h"

#include <fmt/format.h>

namespace deis::docker {
namespace {

struct WireVersion {
  std::uint64_t Index = 0;
};
BOOST_DESCRIBE_STRUCT(WireVersion, (), (Index))

struct WireReplicated {
  int Replicas = 0;
};
BOOST_DESCRIBE_STRUCT(WireReplicated, (), (Replicas))

struct WireMode {
  std::optional<WireReplicated> Replicated;
  std::optional<json::value> Global;
};
BOOST_DESCRIBE_STRUCT(WireMode, (), (Replicated, Global))

struct WireContainer {
  std::string Image;
};
BOOST_DESCRIBE_STRUCT(WireContainer, (), (Image))

struct WireTemplate {
  WireContainer ContainerSpec;
  std::uint64_t ForceUpdate = 0;
};
BOOST_DESCRIBE_STRUCT(WireTemplate, (), (ContainerSpec, ForceUpdate))

struct WireServiceSpec {
  std::string Name;
  docker::Labels Labels;
  WireTemplate TaskTemplate;
  WireMode Mode;
};
BOOST_DESCRIBE_STRUCT(WireServiceSpec, (), (Name, Labels, TaskTemplate, Mode))

struct WireService {
  std::string ID;
  WireVersion Version;
  WireServiceSpec Spec;
};
BOOST_DESCRIBE_STRUCT(WireService, (), (ID, Version, Spec))

struct WireContainerStatus {
  std::string ContainerID;
  int ExitCode = 0;
};
BOOST_DESCRIBE_STRUCT(WireContainerStatus, (), (ContainerID, ExitCode))

struct WireTaskStatus {
  std::string State, Message, Err;
  std::optional<WireContainerStatus> ContainerStatus;
};
BOOST_DESCRIBE_STRUCT(WireTaskStatus, (), (State, Message, Err, ContainerStatus))

struct WireTask {
  std::string ID, ServiceID, NodeID, DesiredState, CreatedAt, UpdatedAt;
  int Slot = 0;
  WireTemplate Spec;
  WireTaskStatus Status;
};
BOOST_DESCRIBE_STRUCT(
    WireTask, (), (ID, ServiceID, NodeID, DesiredState, CreatedAt, UpdatedAt, Slot, Spec, Status))

struct WireNodeSpec {
  docker::Labels Labels;
  std::string Availability;
};
BOOST_DESCRIBE_STRUCT(WireNodeSpec, (), (Labels, Availability))

struct WireNodeDescription {
  std::string Hostname;
};
BOOST_DESCRIBE_STRUCT(WireNodeDescription, (), (Hostname))

struct WireNodeStatus {
  std::string State, Addr;
};
BOOST_DESCRIBE_STRUCT(WireNodeStatus, (), (State, Addr))

struct WireManager {
  bool Leader = false;
};
BOOST_DESCRIBE_STRUCT(WireManager, (), (Leader))

struct WireNode {
  std::string ID;
  WireNodeSpec Spec;
  WireNodeDescription Description;
  WireNodeStatus Status;
  std::optional<WireManager> ManagerStatus;
};
BOOST_DESCRIBE_STRUCT(WireNode, (), (ID, Spec, Description, Status, ManagerStatus))

struct WireNetwork {
  std::string Id, Name, Driver, Scope;
};
BOOST_DESCRIBE_STRUCT(WireNetwork, (), (Id, Name, Driver, Scope))

struct WireSwarm {
  std::string LocalNodeState;
  bool ControlAvailable = false;
};
BOOST_DESCRIBE_STRUCT(WireSwarm, (), (LocalNodeState, ControlAvailable))

struct WireInfo {
  WireSwarm Swarm;
  std::string Name, DockerRootDir;
};
BOOST_DESCRIBE_STRUCT(WireInfo, (), (Swarm, Name, DockerRootDir))

struct WireCreatedService {
  std::string ID;
};
BOOST_DESCRIBE_STRUCT(WireCreatedService, (), (ID))

Service to_service(WireService wire) {
  Service service;
  service.id = wire.ID;
  service.name = wire.Spec.Name;
  service.version = wire.Version.Index;
  service.labels = std::move(wire.Spec.Labels);
  service.image = wire.Spec.TaskTemplate.ContainerSpec.Image;
  service.replicas = wire.Spec.Mode.Replicated ? wire.Spec.Mode.Replicated->Replicas : 0;
  service.global = wire.Spec.Mode.Global.has_value();
  service.force_update = wire.Spec.TaskTemplate.ForceUpdate;
  return service;
}

TaskInfo to_task(const WireTask& wire) {
  TaskInfo task;
  task.id = wire.ID;
  task.service_id = wire.ServiceID;
  task.node_id = wire.NodeID;
  task.slot = wire.Slot;
  task.force_update = wire.Spec.ForceUpdate;
  task.state = wire.Status.State;
  task.desired_state = wire.DesiredState;
  task.message = wire.Status.Message;
  task.error = wire.Status.Err;
  task.created_at = wire.CreatedAt;
  task.updated_at = wire.UpdatedAt;
  if (wire.Status.ContainerStatus) {
    task.container_id = wire.Status.ContainerStatus->ContainerID;
    task.exit_code = wire.Status.ContainerStatus->ExitCode;
  }
  return task;
}

using SpecEdit = std::function<void(const WireService&, json::value& spec)>;

// The spec goes back as it came, with fields that we do not know.
Task<> edit_service(Api& api, std::string id_or_name, SpecEdit edit, Deadline deadline) {
  json::value answer = co_await api.get("/services/" + url_encode(id_or_name), {}, deadline);
  const auto service = json::from<WireService>(answer);
  json::value spec = std::move(answer.at("Spec"));
  edit(service, spec);
  Query query(1, {"version", std::to_string(service.Version.Index)});
  co_await api.call(
      "POST", "/services/" + service.ID + "/update", std::move(query), std::move(spec), deadline);
}

}  // namespace

Task<bool> Client::swarm_active(Deadline deadline) {
  const json::value answer = co_await state_->api.get("/info", {}, deadline);
  const auto info = json::from<WireInfo>(answer);
  co_return info.Swarm.LocalNodeState == "active" && info.Swarm.ControlAvailable;
}

Task<std::string> Client::host_name(Deadline deadline) {
  const json::value answer = co_await state_->api.get("/info", {}, deadline);
  co_return json::from<WireInfo>(answer).Name;
}

Task<std::string> Client::data_root(Deadline deadline) {
  const json::value answer = co_await state_->api.get("/info", {}, deadline);
  co_return json::from<WireInfo>(answer).DockerRootDir;
}

Task<> Client::swarm_init(std::string listen, std::string advertise, Deadline deadline) {
  json::value body =
      json::object{{"ListenAddr", listen}, {"AdvertiseAddr", advertise}, {"DataPathAddr", advertise}};
  co_await state_->api.call("POST", "/swarm/init", {}, std::move(body), deadline);
}

Task<std::string> Client::create_service(ServiceSpec spec, Deadline deadline) {
  json::value body = service_json(spec);
  const json::value answer =
      co_await state_->api.call("POST", "/services/create", {}, std::move(body), deadline);
  co_return json::from<WireCreatedService>(answer).ID;
}

Task<> Client::update_service(std::string id, std::uint64_t version, ServiceSpec spec, Deadline deadline) {
  Query query(1, {"version", std::to_string(version)});
  json::value body = service_json(spec);
  co_await state_->api.call(
      "POST", "/services/" + url_encode(id) + "/update", std::move(query), std::move(body), deadline);
}

Task<> Client::scale_service(std::string id_or_name, int replicas, Deadline deadline) {
  const auto edit = [replicas](const WireService&, json::value& spec) {
    spec.at("Mode").at("Replicated").as_object()["Replicas"] = replicas;
  };
  co_await edit_service(state_->api, std::move(id_or_name), edit, deadline);
}

Task<> Client::replace_tasks(std::string id_or_name, Deadline deadline) {
  const auto edit = [](const WireService& service, json::value& spec) {
    spec.at("TaskTemplate").as_object()["ForceUpdate"] = service.Spec.TaskTemplate.ForceUpdate + 1;
  };
  co_await edit_service(state_->api, std::move(id_or_name), edit, deadline);
}

Task<std::optional<Service>> Client::service(std::string id_or_name, Deadline deadline) {
  try {
    const json::value answer = co_await state_->api.get("/services/" + url_encode(id_or_name), {}, deadline);
    co_return to_service(json::from<WireService>(answer));
  } catch (const Error& error) {
    if (error.code() != ErrorCode::not_found) throw;
  }
  co_return std::nullopt;
}

Task<std::vector<Service>> Client::services(std::vector<std::string> label_filters, Deadline deadline) {
  for (std::string& label : label_filters) label = "label=" + label;
  Query query(1, filters(label_filters));
  const json::value answer = co_await state_->api.get("/services", std::move(query), deadline);
  std::vector<Service> services;
  for (auto& wire : json::from<std::vector<WireService>>(answer))
    services.push_back(to_service(std::move(wire)));
  co_return services;
}

Task<> Client::remove_service(std::string id, Deadline deadline) {
  try {
    co_await state_->api.call("DELETE", "/services/" + url_encode(id), {}, nullptr, deadline);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::not_found) throw;
  }
}

Task<std::vector<TaskInfo>> Client::tasks(std::vector<std::string> conditions, Deadline deadline) {
  Query query(1, filters(conditions));
  const json::value answer = co_await state_->api.get("/tasks", std::move(query), deadline);
  std::vector<TaskInfo> tasks;
  for (const auto& wire : json::from<std::vector<WireTask>>(answer)) tasks.push_back(to_task(wire));
  co_return tasks;
}

Task<std::vector<Node>> Client::nodes(Deadline deadline) {
  const json::value answer = co_await state_->api.get("/nodes", {}, deadline);
  std::vector<Node> nodes;
  for (auto& wire : json::from<std::vector<WireNode>>(answer)) {
    Node node;
    node.id = wire.ID;
    node.hostname = wire.Description.Hostname;
    node.state = wire.Status.State;
    node.availability = wire.Spec.Availability;
    node.address = wire.Status.Addr;
    node.manager = wire.ManagerStatus.has_value();
    node.leader = wire.ManagerStatus && wire.ManagerStatus->Leader;
    node.labels = std::move(wire.Spec.Labels);
    nodes.push_back(std::move(node));
  }
  co_return nodes;
}

Task<std::optional<Network>> Client::network(std::string name, Deadline deadline) {
  Query query(1, filters({"name=" + name}));  // matches parts of names: compare below
  const json::value answer = co_await state_->api.get("/networks", std::move(query), deadline);
  for (const auto& wire : json::from<std::vector<WireNetwork>>(answer)) {
    if (wire.Name == name) co_return Network{wire.Id, wire.Name, wire.Driver, wire.Scope};
  }
  co_return std::nullopt;
}

Task<> Client::create_app_network(std::string name, std::string subnet, Deadline deadline) {
  const std::string config = name + "-config";
  const std::optional<Network> existing_config = co_await network(config, deadline);
  if (!existing_config) {
    json::object ipam{{"Driver", "default"}, {"Config", json::array{json::object{{"Subnet", subnet}}}}};
    json::object options{{"com.docker.network.bridge.enable_icc", "false"}};
    json::value body =
        json::object{{"Name", config}, {"ConfigOnly", true}, {"IPAM", ipam}, {"Options", options}};
    co_await state_->api.call("POST", "/networks/create", {}, std::move(body), deadline);
  }
  const std::optional<Network> existing = co_await network(name, deadline);
  if (existing) co_return;
  // Attachable, so that one-off containers of `deis run` can join it.
  json::value body = json::object{
      {"Name", name},
      {"Driver", "bridge"},
      {"Scope", "swarm"},
      {"Attachable", true},
      {"ConfigFrom", json::object{{"Network", config}}}};
  co_await state_->api.call("POST", "/networks/create", {}, std::move(body), deadline);
}

}  // namespace deis::docker
