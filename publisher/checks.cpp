#include "publisher/checks.h"

#include "core/base/error.h"
#include "core/json/json.h"

namespace deis::publisher {
namespace {

constexpr std::string_view kAppsPrefix = "/deis/apps/";

component::HealthChecks read_checks(const std::string& entry) {
  const json::value document = json::parse(entry);
  if (!document.is_object()) throw Error(ErrorCode::invalid, "it is no object");
  return component::read_policy(document.get_object()).healthchecks;
}

}  // namespace

Checks::Checks(Executor executor, etcd::Client& etcd, Log log)
    : mirror_(etcd, std::string(kAppsPrefix), log), log_(log), read_(std::move(executor)) {}

Task<> Checks::run() {
  const etcd::Mirror::OnUpdate take_over = [this](const etcd::MirrorUpdate& update) -> Task<> {
    for (const etcd::Change& change : update.changes) take(change);
    known_ = true;
    read_.notify();
    co_return;
  };
  co_await mirror_.run(take_over);
}

Task<> Checks::wait_until_known() {
  while (!known_) co_await read_.wait(Deadline::max());
}

void Checks::take(const etcd::Change& change) {
  const std::string app = change.entry.key.substr(kAppsPrefix.size());
  component::HealthChecks checks;
  try {
    if (!change.deleted) checks = read_checks(change.entry.value);
  } catch (const Error& error) {
    log_.warning("an app's policy cannot be read", {{"key", change.entry.key}, {"error", error.what()}});
    return;  // the last one that could be read is in force
  }
  const auto known = chosen_.find(app);
  if (known == chosen_.end() ? checks.empty() : known->second == checks) return;
  if (checks.empty()) {
    chosen_.erase(app);
  } else {
    chosen_[app] = std::move(checks);
  }
  if (observer_) observer_(app);
}

component::HealthCheck Checks::of(const Target& target) const {
  component::HealthCheckSettings settings;
  const auto app = chosen_.find(target.job.app.str());
  if (app != chosen_.end()) {
    const auto chosen = app->second.find(target.job.type.str());
    if (chosen != app->second.end()) settings = chosen->second;
  }
  return component::health_check_of(settings, target.environment);
}

}  // namespace deis::publisher
