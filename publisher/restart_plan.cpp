#include "publisher/restart_plan.h"

#include <algorithm>

namespace deis::publisher {

bool RestartPlan::begin(
    const std::string& app, const std::string& job, const std::string& container, Clock::time_point now) {
  forget_calm(now);
  if (current_.contains(app) || current_.size() >= limits_.at_once) return false;
  const auto known = jobs_.find(job);
  if (known != jobs_.end() && now - known->second.last < known->second.wait) return false;
  Job& entry = jobs_[job];
  entry.wait = std::clamp(entry.wait * 2, limits_.first, limits_.longest);
  entry.last = now;
  current_[app] = Current{.job = job, .container = container, .since = now};
  return true;
}

void RestartPlan::serves(const std::string& app, const std::string& job, const std::string& container) {
  const auto current = current_.find(app);
  if (current == current_.end() || current->second.job != job) return;
  if (current->second.container != container) current_.erase(current);
}

void RestartPlan::forget_calm(Clock::time_point now) {
  std::erase_if(jobs_, [&](const auto& entry) { return now - entry.second.last >= limits_.calm; });
  std::erase_if(current_, [&](const auto& entry) { return now - entry.second.since >= limits_.recovery; });
}

}  // namespace deis::publisher
