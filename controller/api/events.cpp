// The events of an app as server-sent events: what happens to it, as it happens.

#include "controller/api/handlers.h"
#include "controller/domain/services.h"
#include "core/net/task_group.h"

#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>

namespace deis::controller::api {
namespace {

using Listener = EventLog::Listener;

constexpr auto kKeepAlive = std::chrono::seconds(15);
// Then the client comes again, with Last-Event-ID, and whether it still may is asked again.
constexpr auto kStreamTime = std::chrono::minutes(15);
// For the last events when the controller stops; a client that does not take them is cut off.
constexpr auto kLastWords = std::chrono::milliseconds(500);
constexpr int kRetryAfterMs = 1000;

// As a header (browsers) or in the query.
std::optional<std::string> last_event_id(const net::Request& request) {
  const std::string header = request.headers.get("Last-Event-ID");
  if (!header.empty()) return header;
  for (auto& [name, value] : net::parse_form(request.query())) {
    if (name == "last_event_id") return std::move(value);
  }
  return std::nullopt;
}

std::string text_of(const EventLog& log, const EventLog::Delivery& delivery) {
  std::string text;
  if (delivery.reset) text = fmt::format("id: {}\nevent: reset\ndata: {{}}\n\n", *delivery.reset);
  for (const AppEvent& event : delivery.events) {
    text += fmt::format("id: {}\nevent: {}\ndata: {}\n\n", log.id_of(event.sequence), event.name, event.data);
  }
  return text;
}

Task<> write_events(const EventLog& log, Listener& listener, net::BodyWriter& out) {
  const Deadline end = in(kStreamTime);
  // The id without an event: from here on a client that comes again misses nothing.
  co_await out.write(fmt::format("retry: {}\nid: {}\n\n", kRetryAfterMs, listener.position()));
  while (std::chrono::steady_clock::now() < end) {
    const EventLog::Delivery delivery = co_await listener.next(in(kKeepAlive));
    std::string text = text_of(log, delivery);
    if (text.empty() && !delivery.ended) text = ": still here\n\n";
    co_await out.write(text);
    if (delivery.ended) co_return;
  }
}

Task<> write_to_the_end(
    const EventLog& log, Listener& listener, net::BodyWriter& out, bool& complete, net::TaskGroup& group) {
  co_await write_events(log, listener, out);
  complete = true;
  group.cancel();
}

Task<> cut_when_stopping(EventLog& log, net::TaskGroup& group) {
  co_await log.wait_closed();
  co_await net::sleep_for(kLastWords);
  group.cancel();
}

// A client that does not read must not hold up the end of the controller.
Task<> stream_events(EventLog& log, std::shared_ptr<Listener> listener, net::BodyWriter& out) {
  net::TaskGroup group(co_await asio::this_coro::executor);
  bool complete = false;
  group.spawn(write_to_the_end(log, *listener, out, complete, group));
  group.spawn(cut_when_stopping(log, group));
  co_await group.join();
  if (!complete) throw Error(ErrorCode::unavailable, "a reader of events was too slow at the end");
}

}  // namespace

Task<net::Reply> follow_events(Services& services, Call& call) {
  const auto last_id = last_event_id(call.request);
  const std::shared_ptr<Listener> listener = services.events.listen(call.the_app().id, last_id);
  net::Reply reply;
  reply.headers.set("Content-Type", "text/event-stream");
  reply.headers.set("Cache-Control", "no-store");
  reply.headers.set("X-Accel-Buffering", "no");
  reply.stream = [&log = services.events, listener](net::BodyWriter& out) {
    return stream_events(log, listener, out);
  };
  co_return reply;
}

}  // namespace deis::controller::api
