#include "controller/scheduler/health.h"

#include "controller/scheduler/parallel.h"
#include "core/base/error.h"
#include "core/base/text.h"

#include <fmt/format.h>

namespace deis::controller {
namespace {

constexpr std::chrono::seconds kVerdictTime{10};
constexpr int kLogLines = 20;
constexpr std::size_t kMaxLogBytes = 4096;  // of one container in an answer
constexpr std::size_t kMaxReasons = 3;      // containers that an answer explains
constexpr int kMaxTold = 3;                 // attempts that the app's log is told of before the last one

// What is known while one wait lasts, shared by the waiter and the poller.
struct Watching {
  Cluster& cluster;
  HealthWait wait;
  std::map<JobName, JobStatus> statuses;
  int told = 0;  // attempts
  bool over = false;

  const JobStatus* status(const JobName& job) const {
    const auto found = statuses.find(job);
    return found == statuses.end() ? nullptr : &found->second;
  }
  Before before(const JobName& job) const {
    const auto found = wait.before.find(job);
    return found == wait.before.end() ? Before{} : found->second;
  }
  Health judge_one(const JobName& job) const {
    const HealthRules rules{cluster.options.steady_after, cluster.options.failures_allowed};
    return judge(job, cluster.view.endpoint(job), status(job), before(job), rules);
  }
  std::vector<JobName> those(Health health) const {
    std::vector<JobName> found;
    for (const auto& job : wait.jobs) {
      if (judge_one(job) == health) found.push_back(job);
    }
    return found;
  }
};

Task<> look_at_engine(Watching& watching) {
  Cluster& cluster = watching.cluster;
  try {
    const std::optional<AppId> app = watching.wait.jobs.front().app;
    auto statuses = co_await cluster.engine.status(app, in(cluster.options.engine_call));
    watching.statuses.clear();
    for (auto& status : statuses) watching.statuses.insert_or_assign(status.name, std::move(status));
  } catch (const Error& error) {
    if (error.code() == ErrorCode::canceled) throw;
    cluster.log.warning("the engine does not tell the state of containers", {{"why", error.what()}});
  }
  cluster.view.changed().notify();
}

// Goes on behind the verdict until it notices: the verdict shall not wait for an answer of the engine.
Task<> keep_looking(std::shared_ptr<Watching> watching) {
  while (!watching->over) {
    co_await look_at_engine(*watching);
    if (!watching->over) co_await net::sleep_for(watching->cluster.options.look_every);
  }
}

// What is published of a container that this wait is about and that does not serve; else nullptr.
const PublishedEndpoint* unhealthy(const Watching& watching, const JobName& job) {
  const auto* endpoint = watching.cluster.view.endpoint(job);
  if (!endpoint || endpoint->is_up()) return nullptr;
  return watching.before(job).includes(*endpoint) ? nullptr : endpoint;
}

// Users and their scripts know these lines (contract api.md §5.6). Their publisher goes on without a pause
// worth telling.
void tell_attempts(Watching& watching) {
  if (!watching.wait.tell) return;
  for (const auto& job : watching.wait.jobs) {
    const auto* endpoint = unhealthy(watching, job);
    for (; endpoint && watching.told < std::min(kMaxTold, endpoint->attempts); ++watching.told) {
      watching.wait.tell(
          fmt::format("app failed health check ({}); trying again in 0.0 seconds", endpoint->detail));
    }
  }
}

void tell_last_attempt(Watching& watching, const std::vector<JobName>& culprits) {
  if (!watching.wait.tell) return;
  for (const auto& job : culprits) {
    const auto* endpoint = unhealthy(watching, job);
    if (!endpoint || endpoint->detail.empty()) continue;
    watching.wait.tell(fmt::format("app failed health check ({})", endpoint->detail));
    return;
  }
}

std::string tail(std::string text) {
  if (text.size() > kMaxLogBytes) text.erase(0, text.size() - kMaxLogBytes);
  return to_valid_utf8(trim(text));
}

Task<std::string> reason(Watching& watching, JobName job) {
  Cluster& cluster = watching.cluster;
  std::string text = describe(job, cluster.view.endpoint(job), watching.status(job));
  try {
    auto lines = co_await cluster.engine.last_log_lines(job, kLogLines, in(cluster.options.engine_call));
    lines = tail(std::move(lines));
    if (!lines.empty()) text += "\nlast log lines of " + job.str() + ":\n" + lines;
  } catch (const Error& error) {
    if (error.code() == ErrorCode::canceled) throw;
    text += std::string(" (its log cannot be read: ") + error.what() + ")";
  }
  co_return text;
}

Task<> wait_for_verdict(Watching& watching) {
  for (;;) {
    tell_attempts(watching);
    if (!watching.those(Health::failed).empty()) co_return;
    if (watching.those(Health::healthy).size() == watching.wait.jobs.size()) co_return;
    const bool news = co_await watching.cluster.view.changed().wait(watching.wait.deadline);
    if (!news) co_return;
  }
}

// Error{unavailable} with the reasons when some are not healthy.
Task<> explain(Watching& watching) {
  auto culprits = watching.those(Health::failed);
  if (culprits.empty()) culprits = watching.those(Health::waiting);
  tell_last_attempt(watching, culprits);
  std::vector<std::string> reasons;
  for (std::size_t i = 0; i < std::min(culprits.size(), kMaxReasons); ++i) {
    auto text = co_await reason(watching, culprits[i]);
    reasons.push_back(std::move(text));
  }
  if (culprits.size() > kMaxReasons)
    reasons.push_back(fmt::format("and {} more", culprits.size() - kMaxReasons));
  if (!reasons.empty()) throw Error(ErrorCode::unavailable, join(reasons, "\n"));
}

}  // namespace

bool Before::includes(const PublishedEndpoint& endpoint) const {
  const bool of_another = !service.empty() && !endpoint.service.empty() && endpoint.service != service;
  return of_another || containers.contains(endpoint.container);
}

Health judge(
    const JobName& job,
    const PublishedEndpoint* endpoint,
    const JobStatus* status,
    const Before& before,
    const HealthRules& rules) {
  if (status && status->failures - before.failures > rules.failures_allowed) return Health::failed;
  if (is_routable(job.type)) {
    const bool news = endpoint && !before.includes(*endpoint);
    if (news && endpoint->state == "failing") return Health::failed;  // its time to start is over
    return news && endpoint->is_up() ? Health::healthy : Health::waiting;
  }
  const bool running = status && status->running_for_ms && !before.containers.contains(status->container_id);
  const bool steady = running && std::chrono::milliseconds(*status->running_for_ms) >= rules.steady_after;
  return steady ? Health::healthy : Health::waiting;
}

std::string describe(const JobName& job, const PublishedEndpoint* endpoint, const JobStatus* status) {
  std::vector<std::string> parts;
  if (!status) {
    parts.push_back("the engine does not know it");
  } else if (!status->detail.empty()) {
    parts.push_back(status->detail);
  } else if (status->state != JobState::up) {
    parts.push_back("it is " + std::string(name_of(status->state)));
  }
  if (endpoint && !endpoint->is_up() && !endpoint->detail.empty())
    parts.push_back("last probe: " + endpoint->detail);
  if (!endpoint && is_routable(job.type)) parts.push_back("it was not published");
  if (parts.empty()) parts.push_back("it was not healthy in time");
  return job.str() + ": " + join(parts, "; ");
}

std::chrono::milliseconds health_time(
    const JobName& job,
    const HealthChecks& checks,
    const std::map<std::string, std::string>& env,
    std::chrono::milliseconds basis) {
  if (!is_routable(job.type)) return basis;
  const auto chosen = checks.find(job.type.str());
  const auto settings = chosen == checks.end() ? component::HealthCheckSettings() : chosen->second;
  const auto check = component::health_check_of(settings, env);
  if (settings.startup_timeout) basis = check.startup_timeout + kVerdictTime;
  return basis + check.delay + check.proving_time();
}

Task<etcd::Revision> wait_until_healthy(Cluster& cluster, HealthWait wait) {
  if (wait.jobs.empty()) co_return 0;
  const auto watching = std::make_shared<Watching>(Watching{.cluster = cluster, .wait = std::move(wait)});
  cluster.background.spawn(keep_looking(watching));
  std::exception_ptr failure;
  try {
    co_await wait_for_verdict(*watching);
    co_await explain(*watching);
  } catch (...) {
    failure = std::current_exception();
  }
  watching->over = true;
  if (failure) std::rethrow_exception(failure);

  etcd::Revision newest = 0;
  for (const auto& job : watching->wait.jobs) {
    const auto* endpoint = cluster.view.endpoint(job);
    if (endpoint && endpoint->is_up()) newest = std::max(newest, endpoint->revision);
  }
  co_return newest;
}

}  // namespace deis::controller
