// Live answers of the Engine: frames of output, and events as lines of JSON; the same however they are cut.
#include "core/base/error.h"
#include "core/base/fuzz.h"
#include "core/docker/demux.h"
#include "core/docker/streams.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <tuple>

namespace deis::docker {
namespace {

class CannedStream : public net::ResponseStream {
 public:
  explicit CannedStream(std::vector<std::string> pieces) : pieces_(std::move(pieces)) {}
  const net::ResponseHead& head() const override { return head_; }
  Task<std::string> read(Deadline) override {
    co_return at_ < pieces_.size() ? pieces_[at_++] : std::string();
  }

 private:
  net::ResponseHead head_;
  std::vector<std::string> pieces_;
  std::size_t at_ = 0;
};

template <typename T>
struct Outcome {
  std::vector<T> items;
  bool refused = false;
  bool operator==(const Outcome&) const = default;
};

using Seen = std::tuple<std::string, std::string, std::string, Labels, std::int64_t>;

Task<> read_events(std::vector<std::string> pieces, Outcome<Seen>& outcome) {
  auto source = event_source(std::make_unique<CannedStream>(std::move(pieces)));
  try {
    for (;;) {
      const std::optional<Event> event = co_await source->next(Deadline::max());
      if (!event) break;
      outcome.items.emplace_back(event->type, event->action, event->id, event->attributes, event->time_nano);
    }
  } catch (const Error& error) {
    FUZZ_REQUIRE(error.code() == ErrorCode::invalid || error.code() == ErrorCode::too_large);
    outcome.refused = true;
  }
}

Outcome<Seen> events_of(std::vector<std::string> pieces) {
  Outcome<Seen> outcome;
  asio::io_context io;
  asio::co_spawn(io, read_events(std::move(pieces), outcome), [](std::exception_ptr failure) {
    if (failure) std::rethrow_exception(failure);
  });
  io.run();
  return outcome;
}

Outcome<std::pair<int, std::string>> frames_of(const std::vector<std::string>& pieces) {
  Outcome<std::pair<int, std::string>> outcome;
  LogDemux demux;
  try {
    for (const std::string& bytes : pieces) {
      for (const LogPiece& piece : demux.feed(bytes))
        outcome.items.emplace_back(static_cast<int>(piece.stream), piece.data);
    }
  } catch (const Error& error) {
    FUZZ_REQUIRE(error.code() == ErrorCode::invalid || error.code() == ErrorCode::too_large);
    outcome.refused = true;
    outcome.items.clear();  // what came in the piece with the bad header is lost with it
  }
  return outcome;
}

DEIS_FUZZ(docker_streams) {
  fuzz::Choices choices(input);
  const std::vector<std::string> whole(1, std::string(input));
  std::vector<std::string> cut;
  for (std::string_view rest = input; !rest.empty();) cut.emplace_back(choices.piece(rest));
  FUZZ_REQUIRE(frames_of(whole) == frames_of(cut));
  FUZZ_REQUIRE(events_of(whole) == events_of(cut));
}

}  // namespace
}  // namespace deis::docker
