#pragma once
// Live answers of the Engine as Sources.

#include "core/base/lines.h"
#include "core/docker/client.h"

#include <deque>
#include <functional>

namespace deis::docker {

// Documents that come one after the other, cut anywhere by chunk borders (build, push, pull, events). `parse`
// may return nothing.
template <typename T>
class JsonLines : public Source<T> {
 public:
  using Parse = std::function<std::optional<T>(std::string_view line)>;
  JsonLines(std::unique_ptr<net::ResponseStream> stream, Parse parse)
      : stream_(std::move(stream)), parse_(std::move(parse)) {}

  Task<std::optional<T>> next(Deadline deadline) override {
    for (;;) {
      while (const auto line = lines_.next()) {
        if (auto item = read(*line)) co_return item;
      }
      if (ended_) co_return std::nullopt;
      const std::string piece = co_await stream_->read(deadline);
      ended_ = piece.empty();
      lines_.add(ended_ ? std::string("\n") : piece);
    }
  }

 private:
  static constexpr std::size_t kLongest = 8 * 1024 * 1024;

  std::optional<T> read(std::string_view line) {
    if (line.find_first_not_of(" \r\t") == std::string_view::npos) return std::nullopt;
    return parse_(line);
  }

  std::unique_ptr<net::ResponseStream> stream_;
  Parse parse_;
  LineSplitter lines_{kLongest, "a line of the Engine's answer"};
  bool ended_ = false;
};

std::unique_ptr<Source<LogPiece>> log_source(std::unique_ptr<net::ResponseStream> stream, bool tty);
std::unique_ptr<Source<Progress>> progress_source(std::unique_ptr<net::ResponseStream> stream);
std::unique_ptr<Source<Event>> event_source(std::unique_ptr<net::ResponseStream> stream);

}  // namespace deis::docker
