#include "controller/domain/insight.h"

#include "controller/domain/release_jobs.h"
#include "controller/domain/validation.h"
#include "controller/storage/containers.h"
#include "controller/storage/releases.h"
#include "core/base/error.h"

namespace deis::controller {

Task<Page<ProcessStatus>> Insight::processes(App app, PageRequest page) {
  auto db = context_.database.session(query_deadline());
  auto rows = co_await storage::list_containers(db, app.id.str(), std::nullopt, page);
  Page<ProcessStatus> result{.count = rows.count};
  if (rows.items.empty()) co_return result;
  std::map<std::string, JobStatus> known;
  JobState unknown = JobState::initialized;
  try {
    const auto statuses = co_await context_.scheduler.status(app.id);
    for (const auto& status : statuses) known.emplace(status.name.str(), status);
  } catch (const Error& error) {
    // The rows are still worth showing.
    context_.log.warning("cannot ask for process states", {{"app", app.id.str()}, {"error", error.what()}});
    unknown = JobState::error;
  }
  for (auto& container : rows.items) {
    const auto found = known.find(job_name(container, container.release).str());
    ProcessStatus process{.container = std::move(container), .state = unknown};
    if (found != known.end()) {
      process.state = found->second.state;
      process.host = found->second.node;
      process.detail = found->second.detail;
      process.restarts = found->second.failures;
    }
    result.items.push_back(std::move(process));
  }
  co_return result;
}

Task<Config> Insight::config_of_release(App app, std::int64_t version) {
  auto db = context_.database.session(query_deadline());
  const auto bundle = co_await storage::find_bundle(db, app.id.str(), version);
  if (!bundle) throw not_found();
  co_return bundle->config;
}

}  // namespace deis::controller
