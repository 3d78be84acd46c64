#include "router/running_feeds.h"

#include "core/base/error.h"
#include "core/base/lines.h"
#include "core/json/json.h"
#include "core/net/http_client.h"

#include <boost/asio/this_coro.hpp>

#include <utility>

namespace deis::router {

using namespace std::chrono_literals;

namespace {

constexpr auto kConnectLimit = 5s;
constexpr auto kLongestSilence = 6s;                   // three of the publisher's heartbeats
constexpr std::size_t kLongestLine = 8 * 1024 * 1024;  // all containers of a host

struct WireNews {
  std::optional<std::vector<std::string>> running;
  std::string app, started, ended;
};
BOOST_DESCRIBE_STRUCT(WireNews, (), (running, app, started, ended))

}  // namespace

ContainerNews parse_news(const std::string& host, std::string_view line) {
  auto wire = json::from<WireNews>(json::parse(line));
  ContainerNews news;
  news.host = host;
  if (wire.running) news.running.emplace(wire.running->begin(), wire.running->end());
  news.app = std::move(wire.app);
  news.started = std::move(wire.started);
  news.ended = std::move(wire.ended);
  return news;
}

RunningFeeds::RunningFeeds(
    Executor executor, component::Directory& publishers, Agent& agent, component::Metrics& metrics, Log log)
    : publishers_(publishers),
      executor_(executor),
      agent_(agent),
      metrics_(metrics),
      log_(log),
      followers_(executor) {}

Task<> RunningFeeds::run() {
  std::exception_ptr end;
  try {
    co_await agent_.wait_until_read();
    co_await find_publishers();
  } catch (...) {
    end = std::current_exception();
  }
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  followers_.cancel();
  co_await followers_.join();
  std::rethrow_exception(end);
}

Task<> RunningFeeds::find_publishers() {
  for (;;) {
    for (const component::HostEntry& publisher : publishers_.all()) {
      if (followed_.insert(publisher.id).second) followers_.spawn(follow(publisher.id));
    }
    co_await publishers_.changed();
  }
}

std::optional<net::Endpoint> RunningFeeds::address_of(const std::string& host) const {
  for (const component::HostEntry& publisher : publishers_.all()) {
    if (publisher.id == host) return publisher.address;
  }
  return std::nullopt;
}

// As long as its publisher is announced. While etcd is away it stays so.
Task<> RunningFeeds::follow(std::string host) {
  net::Backoff pause(100ms, 2s);
  while (std::optional<net::Endpoint> publisher = address_of(host)) {
    try {
      co_await follow_once(host, std::move(*publisher), pause);
    } catch (const Error& error) {
      if (error.code() == ErrorCode::canceled) throw;
      log_.debug("a publisher's feed ended", {{"host", host}, {"error", error.what()}});
    }
    co_await net::sleep_for(pause.next());
  }
  followed_.erase(host);
}

void RunningFeeds::count(int change) {
  connected_ += change;
  metrics_.set(
      "deis_router_publishers_followed",
      "Publishers that tell which containers run",
      static_cast<double>(connected_));
}

Task<> RunningFeeds::follow_once(std::string host, net::Endpoint publisher, net::Backoff& pause) {
  net::HttpClient client(executor_, std::move(publisher));
  net::Request request;
  request.target = "/running";
  const std::unique_ptr<net::ResponseStream> feed =
      co_await client.open(std::move(request), in(kConnectLimit));
  if (feed->head().status != 200)
    throw Error(ErrorCode::unavailable, "the publisher does not tell what runs");
  pause.reset();
  count(+1);
  const std::shared_ptr<void> counted(nullptr, [this](void*) { count(-1); });
  LineSplitter lines(kLongestLine, "a line of a publisher's feed");
  for (;;) {
    const std::string piece = co_await feed->read(in(kLongestSilence));
    if (piece.empty()) throw Error(ErrorCode::unavailable, "the feed ended");
    lines.add(piece);
    while (const auto line = lines.next()) agent_.take(parse_news(host, *line));
  }
}

}  // namespace deis::router
