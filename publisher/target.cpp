#include "publisher/target.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/base/time.h"
#include "core/json/json.h"

#include <fmt/format.h>

#include <csignal>
#include <cstring>

namespace deis::publisher {
namespace {

std::optional<std::string> variable(const docker::ContainerDetails& container, std::string_view name) {
  std::optional<std::string> value;
  for (const std::string& entry : container.env) {  // the last one wins, as in the container
    if (entry.size() > name.size() && entry.starts_with(name) && entry[name.size()] == '=')
      value = entry.substr(name.size() + 1);
  }
  return value;
}

SystemTime start_of(const docker::ContainerDetails& container) {
  try {
    return parse_rfc3339(container.started_at);
  } catch (const Error&) {
    return std::chrono::system_clock::now();
  }
}

// PORT in the environment, else the single EXPOSEd TCP port.
void find_port(const docker::ContainerDetails& container, Target& target) {
  if (const auto text = variable(container, "PORT")) {
    const auto number = parse_int(*text);
    if (number && *number >= 1 && *number <= 65535) {
      target.port = static_cast<std::uint16_t>(*number);
    } else {
      target.problem = fmt::format("PORT is '{}', which is not a port", *text);
    }
    return;
  }
  const auto& exposed = container.exposed_tcp_ports;
  if (exposed.size() == 1) {
    target.port = static_cast<std::uint16_t>(exposed.front());
  } else if (exposed.empty()) {
    target.problem =
        "no port to send traffic to: set PORT with config:set, or EXPOSE one port in the Dockerfile";
  } else {
    target.problem = "several ports are EXPOSEd: set PORT with config:set to the one that takes traffic";
  }
}

// "SIGQUIT", "QUIT" or "3", as a Dockerfile's STOPSIGNAL may say it.
int signal_number(std::string_view text) {
  if (const auto number = parse_int(text)) return static_cast<int>(*number);
  if (text.starts_with("SIG")) text.remove_prefix(3);
  for (int number = 1; number < NSIG; ++number) {
    const char* name = sigabbrev_np(number);
    if (name && text == name) return number;
  }
  return SIGTERM;
}

}  // namespace

bool ends_container(const std::string& signal, int stop_signal) {
  const auto number = parse_int(signal);
  return !number || *number == SIGKILL || *number == SIGTERM || *number == stop_signal;
}

bool gets_traffic(const JobName& job) {
  return job.type.str() == "web" || job.type.str() == "cmd";
}

std::string Target::key() const {
  return fmt::format("/deis/services/{}/{}", job.app.str(), job.str());
}

std::string Target::value(const std::string& host_id, const Verdict& verdict) const {
  const auto text = [](std::string_view v) { return boost::json::string(v); };
  json::object value{
      {"app", text(job.app.str())}, {"release", job.release}, {"num", job.num}, {"port", port}};
  value["type"] = text(job.type.str());
  value["container"] = text(container);
  if (!service.empty()) value["service"] = text(service);
  value["host_id"] = text(host_id);
  value["address"] = text(address);
  value["state"] = text(verdict.state);
  value["detail"] = text(verdict.detail);
  if (verdict.attempts > 0) value["attempts"] = verdict.attempts;
  if (verdict.passed) value["passed"] = text(*verdict.passed);
  return json::to_text(value);
}

std::optional<Target> target_of(
    const docker::ContainerDetails& container, const std::string& role, const std::string& network) {
  const auto found = container.labels.find("deis.role");
  const auto job = container.labels.find("deis.job");
  if (found == container.labels.end() || found->second != role || job == container.labels.end())
    return std::nullopt;
  Target target{.job = JobName::parse(job->second), .container = container.id};
  const auto service = container.labels.find("com.docker.swarm.service.id");
  if (service != container.labels.end()) target.service = service->second;
  target.stop_signal = signal_number(container.stop_signal);
  target.stop_grace = container.stop_grace.value_or(target.stop_grace);
  if (!gets_traffic(target.job)) return std::nullopt;
  const auto address = container.network_addresses.find(network);
  if (address == container.network_addresses.end() || address->second.empty()) {
    target.problem = fmt::format("it has no address on the network {}", network);
    return target;
  }
  target.address = address->second;
  find_port(container, target);
  target.started_at = start_of(container);
  for (const char* name : {"HEALTHCHECK_URL", "HEALTHCHECK_TIMEOUT", "HEALTHCHECK_INITIAL_DELAY"}) {
    if (auto value = variable(container, name)) target.environment.emplace(name, std::move(*value));
  }
  return target;
}

}  // namespace deis::publisher
