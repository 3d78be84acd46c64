#include "publisher/running_feed.h"

#include "core/base/error.h"
#include "core/json/json.h"
#include "core/net/backoff.h"

namespace deis::publisher {

using namespace std::chrono_literals;

namespace {

constexpr auto kAskLimit = 10s;
constexpr auto kHeartbeat = 2s;          // routers take a longer silence for the end
constexpr std::size_t kMaxLines = 1000;  // who is further behind gets everything again

std::string line_of(const char* what, const docker::Event& event) {
  const auto app = event.attributes.find("deis.app");
  json::object line;
  line["app"] = boost::json::string(app == event.attributes.end() ? "" : app->second);
  line[what] = boost::json::string(event.id);
  return json::to_text(line);
}

}  // namespace

RunningFeed::RunningFeed(Executor executor, docker::Client& docker, std::string role, Log log)
    : docker_(docker), role_(std::move(role)), log_(std::move(log)), news_(std::move(executor)) {}

Task<> RunningFeed::run() {
  try {
    co_await follow();
  } catch (...) {
    ended_ = true;
    news_.notify();
    throw;
  }
}

Task<> RunningFeed::follow() {
  net::Backoff pause(50ms, 500ms);
  for (;;) {
    try {
      co_await follow_once();
    } catch (const Error& error) {
      if (error.code() == ErrorCode::canceled) throw;
      log_.debug("routers are not told what runs: Docker is away", {{"error", error.what()}});
    }
    if (std::exchange(known_, false)) pause.reset();
    co_await net::sleep_for(pause.next());
  }
}

// Events first, then the listing, so that nothing that happens in between is missed; what is told twice harms
// nobody.
Task<> RunningFeed::follow_once() {
  std::vector<std::string> types(1, "container");
  std::unique_ptr<docker::Source<docker::Event>> events =
      co_await docker_.events(std::move(types), in(kAskLimit));
  std::vector<std::string> labels(1, "deis.role=" + role_);
  const std::vector<docker::ContainerSummary> containers =
      co_await docker_.containers(false, std::move(labels), in(kAskLimit));
  running_.clear();
  for (const auto& container : containers) running_.insert(container.id);
  first_ += lines_.size() + 1;
  lines_.clear();
  known_ = true;
  news_.notify();
  for (;;) {
    const std::optional<docker::Event> event = co_await events->next(Deadline::max());
    if (!event) throw Error(ErrorCode::unavailable, "the event stream ended");
    take(*event);
  }
}

void RunningFeed::take(const docker::Event& event) {
  const auto role = event.attributes.find("deis.role");
  if (role == event.attributes.end() || role->second != role_) return;
  if (event.action == "start") {
    running_.insert(event.id);
    add_line(line_of("started", event));
  } else if (event.action == "die") {
    running_.erase(event.id);
    add_line(line_of("ended", event));
  }
}

void RunningFeed::add_line(std::string line) {
  lines_.push_back(std::move(line));
  if (lines_.size() > kMaxLines) {
    lines_.pop_front();
    ++first_;
  }
  news_.notify();
}

net::Reply RunningFeed::subscribe() {
  net::Reply reply;
  reply.headers.set("Content-Type", "application/x-ndjson");
  reply.stream = [this](net::BodyWriter& out) { return write_to(out); };
  return reply;
}

Task<> RunningFeed::write_to(net::BodyWriter& out) {
  Position position = 0;
  while (!ended_) {
    std::string line = next_line(position);
    if (line.empty()) {
      const bool news = co_await news_.wait(in(kHeartbeat));
      if (news) continue;
      line = "{}";
    }
    line += '\n';
    co_await out.write(line);
  }
}

std::string RunningFeed::next_line(Position& position) const {
  if (!known_) return "";
  const Position end = first_ + lines_.size();
  if (position < first_) {
    position = end;
    return whole();
  }
  if (position == end) return "";
  return lines_[position++ - first_];
}

std::string RunningFeed::whole() const {
  json::array ids;
  for (const std::string& id : running_) ids.emplace_back(id);
  return json::to_text(json::object{{"running", std::move(ids)}});
}

}  // namespace deis::publisher
