#include "core/docker/specs.h"

#include "core/json/json.h"

namespace deis::docker {
namespace {

using json::array;
using json::object;

std::int64_t nanoseconds(std::chrono::nanoseconds time) {
  return time.count();
}

array strings(const std::vector<std::string>& list) {
  return json::to_value(list).as_array();
}

array mounts_json(const std::vector<Mount>& mounts) {
  array list;
  for (const Mount& mount : mounts) {
    list.push_back(object{
        {"Type", "bind"}, {"Source", mount.source}, {"Target", mount.target}, {"ReadOnly", mount.read_only}});
  }
  return list;
}

object log_json(const ContainerSpec& spec, const char* name_key, const char* options_key) {
  return object{{name_key, spec.log_driver}, {options_key, json::to_value(spec.log_options)}};
}

object host_config(const ContainerSpec& spec) {
  object config{
      {"Mounts", mounts_json(spec.mounts)},
      {"CapDrop", strings(spec.capability_drop)},
      {"CapAdd", strings(spec.capability_add)},
      {"Init", spec.init},
      {"ReadonlyRootfs", spec.read_only_root},
      {"Memory", spec.memory_bytes},
      {"NanoCpus", spec.nano_cpus},
      {"CpuShares", spec.cpu_shares},
      {"LogConfig", log_json(spec, "Type", "Config")}};
  if (spec.pids_limit > 0) config["PidsLimit"] = spec.pids_limit;
  if (spec.no_new_privileges) config["SecurityOpt"] = array{"no-new-privileges:true"};
  if (!spec.network.empty()) config["NetworkMode"] = spec.network;
  return config;
}

object service_container(const ContainerSpec& spec) {
  // Image health checks are not ours: the publisher probes. no-new-privileges has no field in the service API
  // of Docker 20.10.
  object container{
      {"Image", spec.image},
      {"Env", strings(spec.env)},
      {"Labels", json::to_value(spec.labels)},
      {"Mounts", mounts_json(spec.mounts)},
      {"CapabilityDrop", strings(spec.capability_drop)},
      {"CapabilityAdd", strings(spec.capability_add)},
      {"Init", spec.init},
      {"ReadOnly", spec.read_only_root},
      {"StopGracePeriod", nanoseconds(spec.stop_grace)},
      {"Healthcheck", object{{"Test", array{"NONE"}}}}};
  if (!spec.entrypoint.empty()) container["Command"] = strings(spec.entrypoint);
  if (!spec.arguments.empty()) container["Args"] = strings(spec.arguments);
  if (!spec.hostname.empty()) container["Hostname"] = spec.hostname;
  return container;
}

object task_template(const ServiceSpec& spec) {
  object limits;
  if (spec.container.memory_bytes > 0) limits["MemoryBytes"] = spec.container.memory_bytes;
  if (spec.container.nano_cpus > 0) limits["NanoCPUs"] = spec.container.nano_cpus;
  if (spec.container.pids_limit > 0) limits["Pids"] = spec.container.pids_limit;
  object task{
      {"ContainerSpec", service_container(spec.container)},
      {"Resources", object{{"Limits", std::move(limits)}}},
      {"RestartPolicy", object{{"Condition", "any"}, {"Delay", nanoseconds(spec.restart_delay)}}},
      {"Placement", object{{"Constraints", strings(spec.constraints)}}},
      {"LogDriver", log_json(spec.container, "Name", "Options")},
      {"ForceUpdate", spec.force_update}};
  if (!spec.container.network.empty()) task["Networks"] = array{object{{"Target", spec.container.network}}};
  return task;
}

}  // namespace

json::value container_json(const ContainerSpec& spec) {
  object body{
      {"Image", spec.image},
      {"Env", strings(spec.env)},
      {"Labels", json::to_value(spec.labels)},
      {"StopTimeout", spec.stop_grace.count()},
      {"Healthcheck", object{{"Test", array{"NONE"}}}},
      {"HostConfig", host_config(spec)}};
  if (spec.tty) body["Tty"] = true;
  if (spec.open_stdin) {
    body["OpenStdin"] = true;
    body["StdinOnce"] = true;
    body["AttachStdin"] = true;
  }
  if (!spec.entrypoint.empty()) body["Entrypoint"] = strings(spec.entrypoint);
  if (!spec.arguments.empty()) body["Cmd"] = strings(spec.arguments);
  if (!spec.hostname.empty()) body["Hostname"] = spec.hostname;
  return body;
}

json::value service_json(const ServiceSpec& spec) {
  object mode;
  if (spec.global) {
    mode["Global"] = object();
  } else {
    mode["Replicated"] = object{{"Replicas", spec.replicas}};
  }
  const bool start_first = spec.update_order == ServiceSpec::UpdateOrder::start_first;
  return object{
      {"Name", spec.name},
      {"Labels", json::to_value(spec.labels)},
      {"TaskTemplate", task_template(spec)},
      {"Mode", std::move(mode)},
      {"UpdateConfig", object{{"Parallelism", 1}, {"Order", start_first ? "start-first" : "stop-first"}}},
      // Swarm's virtual addresses need IPVS and lag behind stopping tasks: we route to containers ourselves.
      {"EndpointSpec", object{{"Mode", "dnsrr"}}}};
}

}  // namespace deis::docker
