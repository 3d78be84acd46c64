#include "controller/domain/formation.h"

#include "controller/domain/policy_rules.h"
#include "controller/domain/release_jobs.h"
#include "controller/domain/validation.h"
#include "controller/events/progress.h"
#include "controller/storage/apps.h"
#include "controller/storage/containers.h"
#include "controller/storage/policies.h"
#include "controller/storage/releases.h"

#include <fmt/format.h>

#include <algorithm>

namespace deis::controller {
namespace {

std::string scale_text(const User& by, const Counts& wanted) {
  std::string text = by.username.str() + " scaled containers";
  for (const auto& [type, count] : wanted) text += fmt::format(" {}={}", type, count);
  return text;
}

bool selects(const ContainerFilter& filter, const Container& container) {
  return (!filter.type || *filter.type == container.type) && (!filter.num || *filter.num == container.num);
}

bool contains(const std::vector<Slot>& slots, const Container& container) {
  return std::ranges::find(slots, Slot{container.type, container.num}) != slots.end();
}

struct Scaling {
  App app;
  RolloutPlan rollout;
  FormationChange change;
  Counts structure;
};

// What a scale does, as a value. Throws Error{invalid} with the contract's texts, in the contract's order
// (§3.9).
Scaling plan_scaling(
    App app,
    const ReleaseBundle& live,
    const std::vector<Container>& existing,
    const Counts& wanted,
    const std::string& registry) {
  if (!live.build) throw Error(ErrorCode::invalid, "No build associated with this release");
  for (const auto& [type, count] : wanted) check_process_type(*live.build, type);
  const std::int64_t release = live.release.version;
  RolloutPlan rollout{.app = app.id, .release = release};
  Scaling scaling{
      .app = std::move(app), .rollout = std::move(rollout), .change = plan_scale(existing, wanted)};
  scaling.rollout.waits_for_ends = true;
  std::vector<Slot> formation = scaling.change.added;
  for (const auto& slot : scaling.change.added) {
    scaling.rollout.start.push_back(job_spec(live, registry, slot.type, slot.num));
  }
  for (const auto& container : existing) {
    if (contains(scaling.change.removed, container)) {
      scaling.rollout.retire.push_back(job_name(container, container.release));
    } else {
      formation.push_back({container.type, container.num});
    }
  }
  scaling.structure = structure_after(wanted, formation);
  return scaling;
}

Task<> write_scaling(Context& context, Scaling scaling) {
  const std::string id = scaling.app.id.str();
  auto tx = co_await context.database.begin(query_deadline());
  for (const auto& slot : scaling.change.removed)
    co_await storage::delete_container(tx, id, slot.type, slot.num);
  for (const auto& slot : scaling.change.added) {
    co_await storage::create_container(
        tx, id, scaling.app.owner, slot.type, slot.num, scaling.rollout.release);
  }
  co_await storage::set_structure(tx, id, scaling.structure);
  co_await tx.commit();
}

// Containers that could not be ended belong to the formation as before.
void keep(Scaling& scaling, const std::vector<JobName>& jobs) {
  for (const auto& job : jobs) {
    std::erase(scaling.change.removed, Slot{job.type.str(), job.num});
    ++scaling.structure[job.type.str()];
  }
}

Task<> carry_out(Context& context, Scaling scaling) {
  std::exception_ptr failure;
  try {
    co_await context.scheduler.roll_out(scaling.rollout);
  } catch (const NotEnded& error) {
    context.app_log.error(scaling.app.id, std::string("scaling failed: ") + error.what());
    keep(scaling, error.jobs());
    failure = std::current_exception();
  } catch (const Error& error) {
    context.app_log.error(scaling.app.id, std::string("scaling failed: ") + error.what());
    throw;
  }
  co_await write_scaling(context, std::move(scaling));
  if (failure) std::rethrow_exception(failure);
}

}  // namespace

Task<std::vector<ContainerStatus>> Formation::with_states(App app, std::vector<Container> containers) {
  std::map<std::string, JobState> states;
  JobState unknown = JobState::initialized;
  try {
    const auto statuses = co_await context_.scheduler.status(app.id);
    for (const auto& status : statuses) states.emplace(status.name.str(), status.state);
  } catch (const Error& error) {
    // The rows are still worth showing.
    context_.log.warning("cannot ask for container states", {{"app", app.id.str()}, {"error", error.what()}});
    unknown = JobState::error;
  }
  std::vector<ContainerStatus> result;
  for (auto& container : containers) {
    const auto state = states.find(job_name(container, container.release).str());
    result.push_back({std::move(container), state == states.end() ? unknown : state->second});
  }
  co_return result;
}

Task<Page<ContainerStatus>> Formation::list(App app, std::optional<std::string> type, PageRequest page) {
  auto db = context_.database.session(query_deadline());
  auto rows = co_await storage::list_containers(db, app.id.str(), type, page);
  Page<ContainerStatus> result{.count = rows.count};
  if (!rows.items.empty()) result.items = co_await with_states(app, std::move(rows.items));
  co_return result;
}

Task<ContainerStatus> Formation::get(App app, std::string type, int num) {
  auto db = context_.database.session(query_deadline());
  const auto row = co_await storage::find_container(db, app.id.str(), type, num);
  if (!row) throw not_found();
  std::vector<Container> one(1, *row);
  auto result = co_await with_states(app, std::move(one));
  co_return std::move(result.front());
}

Task<> Formation::scale(App app, User by, Counts wanted, Cause cause) {
  check_counts(wanted);
  co_await context_.operations.run(
      scale_locked(std::move(app), std::move(by), std::move(wanted), std::move(cause)));
}

Task<> Formation::scale_locked(App app, User by, Counts wanted, Cause cause) {
  const auto guard = co_await context_.locks.lock(app.id, in(context_.patience.app_lock));
  const auto progress = Progress::begin(context_.events, app.id, Operation::scale, std::move(cause));
  auto db = context_.database.session(query_deadline());
  auto fresh = co_await storage::find_app(db, app.id.str());
  const auto live = co_await storage::find_bundle(db, app.id.str(), std::nullopt);
  if (!fresh || !live) throw not_found();
  const auto existing = co_await storage::all_containers(db, app.id.str());
  const AppPolicy policy = co_await storage::find_policy(db, app.id.str());
  Scaling scaling = plan_scaling(std::move(*fresh), *live, existing, wanted, context_.settings.registry);
  if (wanted.empty()) co_return;
  context_.app_log.info(app.id, scale_text(by, wanted));
  scaling.rollout.checks = policy.healthchecks;
  scaling.rollout.keeps_crashed = !has_http_check(policy.healthchecks, live->config.values);
  scaling.rollout.tell = [&log = context_.app_log, id = app.id](const std::string& text) {
    log.info(id, text);
  };
  const bool changes = !scaling.rollout.start.empty() || !scaling.rollout.retire.empty();
  if (!changes) {
    co_await write_scaling(context_, std::move(scaling));
    co_return;
  }
  scaling.rollout.on_phase = progress->on_phase();
  progress->starting(scaling.rollout.release);
  co_await Progress::watch(progress, carry_out(context_, std::move(scaling)));
  progress->succeeded();
}

Task<std::vector<ContainerStatus>> Formation::restart(App app, ContainerFilter filter, Cause cause) {
  co_return co_await context_.operations.run(
      restart_locked(std::move(app), std::move(filter), std::move(cause)));
}

Task<std::vector<ContainerStatus>> Formation::restart_locked(App app, ContainerFilter filter, Cause cause) {
  const auto guard = co_await context_.locks.lock(app.id, in(context_.patience.app_lock));
  const auto progress = Progress::begin(context_.events, app.id, Operation::restart, std::move(cause));
  auto db = context_.database.session(query_deadline());
  const auto fresh = co_await storage::find_app(db, app.id.str());
  if (!fresh) throw not_found();
  auto containers = co_await storage::all_containers(db, app.id.str());
  std::erase_if(containers, [&](const Container& container) { return !selects(filter, container); });
  std::vector<ContainerStatus> none;
  if (containers.empty()) co_return none;
  std::vector<JobName> jobs;
  for (const auto& container : containers) jobs.push_back(job_name(container, container.release));
  const AppPolicy policy = co_await storage::find_policy(db, app.id.str());
  const auto live = co_await storage::find_bundle(db, app.id.str(), std::nullopt);
  const OnPhase published = progress->on_phase();
  const OnPhase also_logged = [published, &log = context_.app_log, id = app.id](
                                  Phase phase, const std::string& detail) {
    if (phase == Phase::failed) log.error(id, "restart failed: " + detail);
    tell(published, phase, detail);
  };
  RestartPlan plan{
      .jobs = std::move(jobs),
      .checks = policy.healthchecks,
      .env = live ? live->config.values : StringMap(),
      .on_phase = also_logged};
  const OnPhase on_phase = plan.on_phase;
  progress->starting(containers.front().release);
  co_await Progress::watch(progress, context_.scheduler.restart(std::move(plan)));
  on_phase(Phase::retired, "");
  progress->succeeded();
  co_return co_await with_states(app, std::move(containers));
}

}  // namespace deis::controller
