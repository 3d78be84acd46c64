#include "controller/domain/wanted.h"

#include "controller/domain/canary_rules.h"
#include "controller/domain/policy_rules.h"
#include "controller/domain/release_jobs.h"
#include "controller/storage/apps.h"
#include "controller/storage/canaries.h"
#include "controller/storage/domains.h"
#include "controller/storage/policies.h"
#include "core/base/text.h"

namespace deis::controller {
namespace {

Task<std::vector<WantedApp>> read(Context& context) {
  auto db = context.database.session(query_deadline());
  const auto rows = co_await storage::list_wanted(db);
  const auto domains = co_await storage::all_domains(db);
  auto policies = co_await storage::all_policies(db);
  const auto canaries = co_await storage::all_canaries(db);
  std::map<std::string, const storage::CanaryBundle*> canary_of;
  for (const auto& canary : canaries) canary_of[canary.canary.app] = &canary;
  std::map<std::string, std::vector<std::string>> domains_of;
  for (const auto& domain : domains) domains_of[domain.app].push_back(to_lower(domain.domain));
  std::vector<WantedApp> wanted;
  for (const auto& row : rows) {
    if (!row.live) continue;  // no app is without a release; one that is being made is somebody else's
    WantedApp app{.app = row.app.id, .release = row.live->release.version};
    app.jobs = job_specs(*row.live, context.settings.registry, row.containers);
    app.domains = domains_of[row.app.id.str()];
    app.policy = policies[row.app.id.str()];
    app.config_allowlist = config_allowlist(row.live->config.values);
    if (const auto canary = canary_of.find(row.app.id.str()); canary != canary_of.end()) {
      const auto& [state, bundle] = *canary->second;
      app.canary = Canary{.release = state.release, .weight = state.weight};
      app.canary_jobs = canary_jobs(bundle, state.containers, context.settings.registry);
    }
    wanted.push_back(std::move(app));
  }
  co_return wanted;
}

}  // namespace

ReadWanted read_wanted(Context& context) {
  return [&context] { return read(context); };
}

}  // namespace deis::controller
