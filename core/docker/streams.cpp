#include "core/docker/streams.h"

#include "core/docker/demux.h"
#include "core/json/json.h"

#include <fmt/format.h>

namespace deis::docker {
namespace {

struct WireError {
  std::string message;
};
BOOST_DESCRIBE_STRUCT(WireError, (), (message))

struct WireAux {
  std::string ID;
};
BOOST_DESCRIBE_STRUCT(WireAux, (), (ID))

struct WireProgress {
  std::string stream, status, progress, id, error;
  std::optional<WireError> errorDetail;
  std::optional<json::value> aux;
};
BOOST_DESCRIBE_STRUCT(WireProgress, (), (stream, status, progress, id, error, errorDetail, aux))

struct WireActor {
  std::string ID;
  Labels Attributes;
};
BOOST_DESCRIBE_STRUCT(WireActor, (), (ID, Attributes))

struct WireEvent {
  std::string Type, Action;
  WireActor Actor;
  std::int64_t timeNano = 0;
};
BOOST_DESCRIBE_STRUCT(WireEvent, (), (Type, Action, Actor, timeNano))

std::optional<Progress> parse_progress(std::string_view line) {
  const auto wire = json::from<WireProgress>(json::parse(line));
  Progress progress;
  progress.error =
      wire.errorDetail && !wire.errorDetail->message.empty() ? wire.errorDetail->message : wire.error;
  if (!wire.stream.empty()) {
    progress.text = wire.stream;
  } else if (!wire.status.empty()) {
    progress.text = wire.id.empty() ? wire.status : fmt::format("{}: {}", wire.id, wire.status);
    if (!wire.progress.empty()) progress.text += " " + wire.progress;
  }
  if (wire.aux && wire.aux->is_object()) progress.image_id = json::from<WireAux>(*wire.aux).ID;
  return progress;
}

std::optional<Event> parse_event(std::string_view line) {
  auto wire = json::from<WireEvent>(json::parse(line));
  return Event{wire.Type, wire.Action, wire.Actor.ID, std::move(wire.Actor.Attributes), wire.timeNano};
}

class LogSource : public Source<LogPiece> {
 public:
  LogSource(std::unique_ptr<net::ResponseStream> stream, bool tty) : stream_(std::move(stream)), tty_(tty) {}

  Task<std::optional<LogPiece>> next(Deadline deadline) override {
    while (ready_.empty()) {
      std::string bytes = co_await stream_->read(deadline);
      if (bytes.empty()) co_return std::nullopt;
      if (tty_) co_return LogPiece{LogPiece::Stream::out, std::move(bytes)};
      for (LogPiece& piece : demux_.feed(bytes)) ready_.push_back(std::move(piece));
    }
    std::optional<LogPiece> first = std::move(ready_.front());
    ready_.pop_front();
    co_return first;
  }

 private:
  std::unique_ptr<net::ResponseStream> stream_;
  bool tty_;
  LogDemux demux_;
  std::deque<LogPiece> ready_;
};

}  // namespace

std::unique_ptr<Source<LogPiece>> log_source(std::unique_ptr<net::ResponseStream> stream, bool tty) {
  return std::make_unique<LogSource>(std::move(stream), tty);
}

std::unique_ptr<Source<Progress>> progress_source(std::unique_ptr<net::ResponseStream> stream) {
  return std::make_unique<JsonLines<Progress>>(std::move(stream), parse_progress);
}

std::unique_ptr<Source<Event>> event_source(std::unique_ptr<net::ResponseStream> stream) {
  return std::make_unique<JsonLines<Event>>(std::move(stream), parse_event);
}

}  // namespace deis::docker
