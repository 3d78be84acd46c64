#include "logspout/collector.h"

#include "core/base/error.h"
#include "core/net/backoff.h"

#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>

namespace deis::logspout {

using namespace std::chrono_literals;

namespace {

constexpr auto kEngineLimit = 15s;
// A stream that is silent for so long is opened again: Docker has been seen to stop following after a
// rotation.
constexpr auto kSilence = 60s;
// How much is read again: a line may be stamped before one that was written earlier (LineAssembler), and
// Docker finds the place to go on by the stamp. The logger drops what it has.
constexpr std::int64_t kReadAgainNs = 1'000'000'000;

}  // namespace

Collector::Collector(
    Executor executor,
    docker::Client& docker,
    Shipper& shipper,
    std::map<std::string, std::int64_t> positions,
    Log log)
    : executor_(executor),
      docker_(docker),
      shipper_(shipper),
      start_(std::move(positions)),
      log_(std::move(log)),
      followers_(executor) {}

std::map<std::string, std::int64_t> Collector::positions() const {
  std::map<std::string, std::int64_t> all = start_;
  for (const auto& [container, time] : shipper_.positions()) all[container] = time;
  return all;
}

Task<> Collector::run() {
  net::Backoff backoff;
  std::exception_ptr end;
  while (!end) {
    try {
      co_await watch_once();
    } catch (const Error& error) {
      if (error.code() == ErrorCode::canceled) end = std::current_exception();
    }
    listed_ = false;
    if (end) break;
    try {
      co_await net::sleep_for(backoff.next());
    } catch (...) {
      end = std::current_exception();
    }
  }
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  followers_.cancel();
  co_await followers_.join();
  std::rethrow_exception(end);
}

Task<> Collector::watch_once() {
  std::vector<std::string> types(1, "container");
  std::unique_ptr<docker::Source<docker::Event>> events =
      co_await docker_.events(std::move(types), in(kEngineLimit));
  net::TaskGroup group(executor_);
  group.spawn(follow_events(*events));
  group.spawn(list_regularly());
  co_await group.join();
}

Task<> Collector::follow_events(docker::Source<docker::Event>& events) {
  for (;;) {
    const std::optional<docker::Event> event = co_await events.next(Deadline::max());
    if (!event) throw Error(ErrorCode::unavailable, "Docker's event stream ended");
    if (event->action != "start") continue;
    if (const auto source = source_of(event->attributes)) follow(event->id, *source);
  }
}

Task<> Collector::list_regularly() {
  for (;;) {
    co_await list();
    listed_ = true;
    co_await net::sleep_for(10s);
  }
}

// Ended containers too: what they said last may not have been read yet.
Task<> Collector::list() {
  const std::vector<docker::ContainerSummary> containers =
      co_await docker_.containers(true, std::vector<std::string>(), in(kEngineLimit));
  std::set<std::string> present;
  for (const auto& container : containers) {
    present.insert(container.id);
    if (container.state == "running") finished_.erase(container.id);
    if (const auto source = source_of(container.labels)) follow(container.id, *source);
  }
  std::erase_if(finished_, [&](const std::string& id) { return !present.contains(id); });
  std::erase_if(start_, [&](const auto& entry) {
    return !present.contains(entry.first) && !followed_.contains(entry.first);
  });
  std::vector<std::string> gone;
  for (const auto& [id, time] : shipper_.positions()) {
    if (!present.contains(id) && !followed_.contains(id)) gone.push_back(id);
  }
  for (const std::string& id : gone) shipper_.forget(id);
}

void Collector::follow(const std::string& id, const Source& source) {
  if (followed_.contains(id) || finished_.contains(id)) return;
  followed_.insert(id);
  followers_.spawn(follow_until_end(id, source));
}

Task<> Collector::follow_until_end(std::string id, Source source) {
  net::Backoff backoff;
  for (bool more = true; more;) {
    std::string problem;
    try {
      more = co_await read_once(id, source);
      backoff.reset();
    } catch (const Error& error) {
      if (error.code() == ErrorCode::canceled) throw;
      if (error.code() == ErrorCode::not_found) more = false;
      problem = error.what();
    }
    if (more && !problem.empty()) co_await net::sleep_for(backoff.next());
  }
  followed_.erase(id);
  finished_.insert(id);
}

// Reads until the stream ends or falls silent. Whether there may be more to read.
Task<bool> Collector::read_once(const std::string& id, const Source& source) {
  const docker::ContainerDetails details = co_await docker_.inspect_container(id, in(kEngineLimit));
  docker::LogOptions options;
  options.follow = details.running;
  const auto known = positions();
  if (const auto found = known.find(id); found != known.end()) {
    const std::int64_t since = std::max<std::int64_t>(0, found->second - kReadAgainNs);
    options.since = fmt::format("{}.{:09}", since / 1'000'000'000, since % 1'000'000'000);
  }
  std::unique_ptr<docker::Source<docker::LogPiece>> log =
      co_await docker_.logs(id, std::move(options), details.tty, in(kEngineLimit));
  LineAssembler assembler;
  for (;;) {
    std::optional<docker::LogPiece> piece;
    try {
      piece = co_await log->next(in(kSilence));
    } catch (const Error& error) {
      if (error.code() != ErrorCode::timeout) throw;
      co_return true;
    }
    if (!piece)
      co_return details.running;  // it ran when we began: look once more for what came at the very end
    for (Line& line : assembler.take(*piece)) {
      const Source filed = attribute(source, line.text);
      co_await shipper_.add(id, filed, std::move(line));
    }
  }
}

}  // namespace deis::logspout
