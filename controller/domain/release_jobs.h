#pragma once
// From a release and its formation to what the engine shall run (contract api.md §4.9, §6.2, ARCHITECTURE.md
// §5). Pure.

#include "controller/domain/model.h"
#include "controller/scheduler/engine.h"

namespace deis::controller {

// Where images of pushes are: "localhost:5000/shop:git-1234abcd"; imports are run from the image as given.
std::string image_of(const Build& build, const AppId& app, const std::string& registry);
// Throws Error{forbidden} when the image is one of the platform's own components (contract api.md §10.3).
void check_image_allowed(const std::string& image);

JobName job_name(const Container& container, std::int64_t release);

// `bundle.build` must be there.
JobSpec job_spec(const ReleaseBundle& bundle, const std::string& registry, const std::string& type, int num);
// All containers of the formation on this release; none when the release has no build.
std::vector<JobSpec> job_specs(
    const ReleaseBundle& bundle, const std::string& registry, const std::vector<Container>& formation);
// A one-off command (contract api.md §5.7).
JobSpec run_spec(
    const ReleaseBundle& bundle, const std::string& registry, const std::string& command, int num);

}  // namespace deis::controller
