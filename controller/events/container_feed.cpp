#include "controller/events/container_feed.h"

#include "controller/scheduler/health.h"
#include "core/base/text.h"
#include "core/base/time.h"
#include "core/json/json.h"

#include <fmt/format.h>

namespace deis::controller {
namespace {

constexpr std::size_t kMaxDetail = 512;

// A web container that runs is up only when its publisher says so.
std::string state_of(const JobChange& change) {
  switch (change.state) {
    case JobState::up:
      return is_routable(change.job.type) ? "starting" : "up";
    case JobState::down:
    case JobState::crashed:
    case JobState::destroyed:
      return std::string(name_of(change.state));
    case JobState::error:
      return "crashed";
    case JobState::initialized:
    case JobState::created:
      return "starting";
  }
  return "starting";
}

std::string state_of(const PublishedEndpoint& endpoint) {
  if (endpoint.state == "failing") return "down";
  return endpoint.is_up() ? "up" : "starting";
}

}  // namespace

void ContainerFeed::job_changed(const JobChange& change) {
  Seen now{.container = change.container, .state = state_of(change), .detail = change.detail};
  const auto known = seen_.find(change.job);
  const bool is_known = known != seen_.end();
  const bool same =
      is_known && (known->second.container.empty() || known->second.container == change.container);
  if (now.state == "starting" && same) return;  // the publisher was quicker
  const bool of_another = is_known ? !same : now.state == "destroyed";
  const bool is_end = now.state != "starting" && now.state != "up";
  if (is_end && of_another) return;  // of a predecessor, perhaps
  tell(change.job, std::move(now));
}

void ContainerFeed::endpoint_changed(const JobName& job, const PublishedEndpoint* endpoint) {
  const auto known = seen_.find(job);
  if (endpoint) {
    const std::string detail = endpoint->is_up() ? "" : endpoint->detail;
    tell(job, Seen{.container = endpoint->container, .state = state_of(*endpoint), .detail = detail});
  } else if (known != seen_.end() && known->second.state == "up") {
    tell(
        job,
        Seen{
            .container = known->second.container, .state = "down", .detail = "it is not published any more"});
  }
}

void ContainerFeed::tell(const JobName& job, Seen now) {
  Seen& before = seen_[job];
  const bool changed = before.state != now.state || before.detail != now.detail;
  before = now;
  if (now.state == "destroyed") seen_.erase(job);
  if (!changed) return;
  const json::object data{
      {"name", fmt::format("{}.{}", job.type.str(), job.num)},
      {"release", job.release},
      {"state", now.state},
      {"detail", to_valid_utf8(std::string_view(now.detail).substr(0, kMaxDetail))},
      {"time", format_iso_micros(std::chrono::system_clock::now())}};
  log_.publish(job.app, "container", json::to_text(data));
}

}  // namespace deis::controller
