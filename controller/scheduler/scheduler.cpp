#include "controller/scheduler/scheduler.h"

#include <fmt/format.h>

namespace deis::controller {
namespace {

constexpr std::size_t kMaxNames = 12;

template <typename Jobs>
std::string names_of(const Jobs& jobs) {
  std::string text;
  std::size_t count = 0;
  for (const JobName& job : jobs) {
    if (count++ == kMaxNames) return text + fmt::format(" and {} more", jobs.size() - kMaxNames);
    text += fmt::format("{}{}.{}", text.empty() ? "" : " ", job.type.str(), job.num);
  }
  return text;
}

}  // namespace

std::string short_names(const std::set<JobName>& jobs) {
  return names_of(jobs);
}

std::string short_names(const std::vector<JobName>& jobs) {
  return names_of(jobs);
}

}  // namespace deis::controller
