#pragma once
// A JobSpec as Docker sees it. Pure: what will run is a value that can be printed and compared.
// Names, labels and isolation: ARCHITECTURE.md §5 and §6.

#include "controller/scheduler/engine.h"
#include "core/docker/types.h"

#include <optional>
#include <string>

namespace deis::controller {

inline constexpr auto kAppNetwork = "deis-apps";
inline constexpr auto kRoleLabel = "deis.role";
inline constexpr auto kAppLabel = "deis.app";
inline constexpr auto kSpecLabel = "deis.spec";  // what the service was made from

// "shop_v3_web_1"; a hash of the job's name stands for the part that Swarm would not take.
std::string service_name(const JobName& job);
// Equal for equal specs, different for different ones.
std::string spec_hash(const JobSpec& job);

// Values of kRoleLabel. A test has its own: the controller of a platform on the same Engine would take its
// containers for strangers.
struct Roles {
  std::string app = "app", one_off = "run";
};

docker::ServiceSpec service_spec(
    const JobSpec& job, const Roles& roles, const ContainerSettings& settings = {});
// The same isolation for a one-off container. `node` is the name of the host it will run on.
docker::ContainerSpec one_off_spec(
    const JobSpec& job,
    const Roles& roles,
    const ContainerSettings& settings = {},
    const std::string& node = "");

// Whose container or service it is; nullopt when it is none of ours.
std::optional<JobName> job_of(const docker::Labels& labels);

}  // namespace deis::controller
