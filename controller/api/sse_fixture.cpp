#include "controller/api/sse_fixture.h"

#include "core/base/text.h"

namespace deis::controller::api {
namespace {

constexpr std::chrono::seconds kStreamLimit{20};

SseEvent parse(std::string_view block) {
  SseEvent event;
  for (const std::string_view line : split(block, '\n')) {
    const auto colon = line.find(": ");
    if (colon == std::string_view::npos || colon == 0) continue;
    const std::string_view name = line.substr(0, colon), value = line.substr(colon + 2);
    if (name == "id") event.id = value;
    if (name == "event") event.name = value;
    if (name == "data") event.data = value;
  }
  return event;
}

std::string text_at(const boost::json::value& value, const char* key) {
  return std::string(value.at(key).as_string());
}

}  // namespace

Task<std::unique_ptr<SseReader>> SseReader::open(
    ApiFixture& api, std::string token, std::string app, std::string last_id) {
  net::Request request;
  request.target = "/v1/apps/" + app + "/events/";
  request.headers.set("Authorization", "token " + token);
  request.headers.set("Accept", "text/event-stream");
  if (!last_id.empty()) request.headers.set("Last-Event-ID", last_id);
  auto stream = co_await api.client().open(std::move(request), in(kStreamLimit));
  EXPECT_EQ(stream->head().status, 200);
  co_return std::unique_ptr<SseReader>(new SseReader(std::move(stream)));
}

Task<std::optional<SseEvent>> SseReader::next() {
  for (;;) {
    const auto end = buffer_.find("\n\n");
    if (end == std::string::npos) {
      const std::string piece = co_await stream_->read(in(kStreamLimit));
      if (piece.empty()) co_return std::nullopt;
      buffer_ += piece;
      continue;
    }
    SseEvent event = parse(std::string_view(buffer_).substr(0, end));
    buffer_.erase(0, end + 2);
    if (!event.id.empty()) last_id_ = event.id;
    if (!event.name.empty()) co_return event;
  }
}

Task<std::vector<SseEvent>> SseReader::until(std::function<bool(const SseEvent&)> wanted) {
  std::vector<SseEvent> events;
  for (;;) {
    auto event = co_await next();
    if (!event) {
      ADD_FAILURE() << "the stream ended first";
      co_return events;
    }
    events.push_back(std::move(*event));
    if (wanted(events.back())) co_return events;
  }
}

std::string brief(const SseEvent& event) {
  if (event.name == "phase") return text_at(event.json(), "operation") + ":" + text_at(event.json(), "phase");
  if (event.name == "container") return text_at(event.json(), "name") + ":" + text_at(event.json(), "state");
  return event.name;
}

std::vector<std::string> phases_of(const std::vector<SseEvent>& events, std::string_view request_id) {
  std::vector<std::string> phases;
  for (const auto& event : events) {
    if (event.name == "phase" && text_at(event.json(), "request_id") == request_id)
      phases.push_back(text_at(event.json(), "phase"));
  }
  return phases;
}

}  // namespace deis::controller::api
