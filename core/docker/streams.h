#pragma once
// Live answers of the Engine as Sources.

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
      if (auto line = take_line()) {
        if (auto item = parse_(*line)) co_return item;
        continue;
      }
      if (ended_) co_return std::nullopt;
      const std::string piece = co_await stream_->read(deadline);
      ended_ = piece.empty();
      buffer_ += ended_ && !buffer_.empty() ? std::string("\n") : piece;
    }
  }

 private:
  std::optional<std::string> take_line() {
    for (;;) {
      const auto end = buffer_.find('\n');
      if (end == std::string::npos) return std::nullopt;
      std::string line = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      if (line.find_first_not_of(" \r\t") != std::string::npos) return line;
    }
  }

  std::unique_ptr<net::ResponseStream> stream_;
  Parse parse_;
  std::string buffer_;
  bool ended_ = false;
};

std::unique_ptr<Source<LogPiece>> log_source(std::unique_ptr<net::ResponseStream> stream, bool tty);
std::unique_ptr<Source<Progress>> progress_source(std::unique_ptr<net::ResponseStream> stream);
std::unique_ptr<Source<Event>> event_source(std::unique_ptr<net::ResponseStream> stream);

}  // namespace deis::docker
