#pragma once
// For tests: a reader of server-sent events.

#include "controller/api/api_fixture.h"

#include <deque>

namespace deis::controller::api {

struct SseEvent {
  std::string id, name, data;  // name "" for a block that only sets the id
  boost::json::value json() const { return boost::json::parse(data); }
};

class SseReader {
 public:
  // Fails the test unless it is answered 200.
  static Task<std::unique_ptr<SseReader>> open(
      ApiFixture& api, std::string token, std::string app, std::string last_id = "");

  const net::ResponseHead& head() const { return stream_->head(); }
  // The next event (comments are passed over); nullopt at the end of the stream.
  Task<std::optional<SseEvent>> next();
  // Reads on until an event is as wanted; it comes last. Fails the test at the end of the stream.
  Task<std::vector<SseEvent>> until(std::function<bool(const SseEvent&)> wanted);
  const std::string& last_id() const { return last_id_; }

 private:
  explicit SseReader(std::unique_ptr<net::ResponseStream> stream) : stream_(std::move(stream)) {}

  std::unique_ptr<net::ResponseStream> stream_;
  std::string buffer_, last_id_;
};

// "deploy:starting" of a phase, "web.1:up" of a container, else the name.
std::string brief(const SseEvent& event);
// Only the phases of the operation that this request caused.
std::vector<std::string> phases_of(const std::vector<SseEvent>& events, std::string_view request_id);

}  // namespace deis::controller::api
